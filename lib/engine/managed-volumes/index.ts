export { createManagedVolume } from "./create";
export { deleteVolume } from "./delete";
export { managedFile } from "./files";
export { materializeVolumes } from "./materialize";
export { moveVolume } from "./move";
export * from "./schemas";
