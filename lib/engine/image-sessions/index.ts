export { commitImage } from "./commit";
export { endImageSession, pokeImageSession, startEndingImageSession } from "./end";
export { negotiateRecords } from "./negotiate";
export { receiveRecords } from "./receive";
export { startImageSession } from "./start";
export { sweepImageSessions } from "./sweep";
export { getTransferredBlocks } from "./transferred-blocks";
