export { createSnapshotRule } from "./create";
export { deleteSnapshotRule } from "./delete";
export { getSnapshotRule } from "./get";
export { listSnapshotRules } from "./list";
export * from "./schemas";
export { nextSlot, nextSlots } from "./slots";
export { updateSnapshotRule } from "./update";
