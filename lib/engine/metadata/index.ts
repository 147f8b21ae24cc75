export { raiseMetadataVersion, wakeTargets } from "./announce";
export { cancelMetadataUpdate } from "./cancel";
export { getMetadataUpdateProgress } from "./progress";
export { runMetadataUpdates } from "./run";
export { startMetadataUpdate, startMetadataUpdateJob } from "./start";
export { sweepMetadata } from "./sweep";
export { isMetadataNews, tellMetadata } from "./tell";
