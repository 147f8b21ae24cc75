export { commitImage } from "./commit";
export { describeConnection, describeSnapshot } from "./describe";
export { negotiateDirect, receiveBitmap, receiveScid, startDirectImageSession } from "./direct";
export { endImageSession, pokeImageSession, startEndingImageSession } from "./end";
export { negotiateRecords } from "./negotiate";
export { receiveRecords } from "./receive";
export { startImageSession } from "./start";
export { sweepImageSessions } from "./sweep";
export { getTransferredBlocks, getTransferredBlocksOfImage } from "./transferred-blocks";
