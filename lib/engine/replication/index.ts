export { type RunReplicationInput, runReplication } from "./run";
export type { ConnectTarget, ImageRef, TargetCore, TargetHooks } from "./target-core";
