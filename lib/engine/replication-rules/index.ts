export { createReplicationRule } from "./create";
export { deleteReplicationRule } from "./delete";
export { getReplicationRule } from "./get";
export { listReplicationRules } from "./list";
export * from "./schemas";
export { updateReplicationRule } from "./update";
