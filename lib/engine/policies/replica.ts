import { z } from "zod";
import { PolicyRule } from "./schemas";

/** A kind of rule, as a policy may hold. */
const RULES_MAX = 64;

/** The rules of a policy as its own core told them. */
export const ReplicaRules = z.object({
  snapshotRules: z.array(PolicyRule).max(RULES_MAX).default([]),
  replicationRules: z.array(PolicyRule).max(RULES_MAX).default([]),
});
export type ReplicaRules = z.infer<typeof ReplicaRules>;

/** Those of a row; none when nothing was told of them. */
export const readReplicaRules = (value: unknown): ReplicaRules =>
  ReplicaRules.catch({ snapshotRules: [], replicationRules: [] }).parse(value ?? {});
