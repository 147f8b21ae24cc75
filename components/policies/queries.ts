import { queryOptions } from "@tanstack/react-query";
import { pagedOptions } from "@/components/feedback/use-paged";
import { callAdmin } from "@/lib/admin/call";
import { adminContract } from "@/lib/admin/contract";
import type { Policy } from "@/lib/engine/policies/schemas";
import type { ReplicationRule } from "@/lib/engine/replication-rules/schemas";
import type { SnapshotRule } from "@/lib/engine/snapshot-rules/schemas";

export const policiesQuery = () =>
  pagedOptions<Policy>(["policies", "list"], (cursor, signal) =>
    callAdmin(adminContract.listPolicies, { cursor }, signal),
  );

export const policyQuery = (id: string) =>
  queryOptions({
    queryKey: ["policies", "one", id],
    queryFn: ({ signal }) => callAdmin(adminContract.getPolicy, { id }, signal),
  });

export const snapshotRulesQuery = () =>
  pagedOptions<SnapshotRule>(["policies", "snapshot-rules"], (cursor, signal) =>
    callAdmin(adminContract.listSnapshotRules, { cursor }, signal),
  );

export const replicationRulesQuery = () =>
  pagedOptions<ReplicationRule>(["policies", "replication-rules"], (cursor, signal) =>
    callAdmin(adminContract.listReplicationRules, { cursor }, signal),
  );

/** The first of each kind: more than these nobody picks from a list. */
export const ruleChoicesQuery = () =>
  queryOptions({
    queryKey: ["policies", "rule-choices"],
    queryFn: async ({ signal }) => {
      const [snapshots, replications] = await Promise.all([
        callAdmin(adminContract.listSnapshotRules, { limit: 200 }, signal),
        callAdmin(adminContract.listReplicationRules, { limit: 200 }, signal),
      ]);
      return { snapshotRules: snapshots.items, replicationRules: replications.items };
    },
  });

export const policyChoicesQuery = () =>
  queryOptions({
    queryKey: ["policies", "choices"],
    queryFn: ({ signal }) => callAdmin(adminContract.listPolicies, { limit: 200, origin: "local" }, signal),
  });

/** Cores that this one may replicate to. */
export const targetChoicesQuery = () =>
  queryOptions({
    queryKey: ["pairings", "targets"],
    queryFn: ({ signal }) =>
      callAdmin(adminContract.listPairings, { side: "source", state: "established", limit: 200 }, signal),
  });
