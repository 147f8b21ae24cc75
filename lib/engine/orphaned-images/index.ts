export { adoptOrphanedImages } from "./adopt";
export { listOrphanedImages } from "./list";
export { removeOrphanedImage } from "./remove";
export { sweepOrphanedImages } from "./sweep";
