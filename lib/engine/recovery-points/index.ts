export { browseImage } from "./browse";
export { type CommitImageInput, type CommitRecoveryPointInput, commitRecoveryPoint } from "./commit";
export { deleteRecoveryPoint } from "./delete";
export { getRecoveryPoint } from "./get";
export { listRecoveryPoints } from "./list";
export { getPointProgress, type PointProgress } from "./progress";
export { removeRecoveryPoint } from "./remove";
export { sweepRemovedPoints } from "./remove-files";
export { updateRecoveryPoint } from "./update";
