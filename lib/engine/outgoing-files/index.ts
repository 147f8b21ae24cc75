export { cancelOutgoingFile } from "./cancel";
export { listOutgoingFiles } from "./list";
export { receiveOutgoingFile } from "./receive";
export { sendFile } from "./send";
export { sweepOutgoingFiles } from "./sweep";
export type { ConnectFileTarget, FileTarget, FileTargetHooks } from "./target";
