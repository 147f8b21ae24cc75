export { cancelPeerUpload, cancelUpload } from "./cancel";
export { endUpload } from "./end";
export { listUploads } from "./list";
export { receivePiece } from "./receive";
export { startUpload } from "./start";
export { sweepUploads } from "./sweep";
