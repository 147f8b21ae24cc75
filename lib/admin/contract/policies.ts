import { z } from "zod";
import { AgentDetail } from "@/lib/engine/agents/schemas";
import {
  AssignPolicyInput,
  CreatePolicyInput,
  ListPoliciesInput,
  Policy,
  PolicyDetail,
  UpdatePolicyInput,
} from "@/lib/engine/policies/schemas";
import {
  CreateReplicationRuleInput,
  ListReplicationRulesInput,
  ReplicationRule,
  UpdateReplicationRuleInput,
} from "@/lib/engine/replication-rules/schemas";
import { page } from "@/lib/engine/schemas";
import {
  CreateSnapshotRuleInput,
  ListSnapshotRulesInput,
  SnapshotRule,
  UpdateSnapshotRuleInput,
} from "@/lib/engine/snapshot-rules/schemas";
import { ById, everyone, operators, row } from "./row";

const Nothing = z.object({});

export const policiesContract = {
  listPolicies: row({
    method: "GET",
    path: "/policies",
    summary: "Protection policies of this core, and replicas of those of its sources.",
    roles: everyone,
    input: ListPoliciesInput,
    output: page(Policy),
  }),
  createPolicy: row({
    method: "POST",
    path: "/policies",
    summary: "Make a policy of snapshot rules and replication rules.",
    roles: operators,
    input: CreatePolicyInput,
    output: PolicyDetail,
  }),
  getPolicy: row({
    method: "GET",
    path: "/policies/{id}",
    summary: "One policy with what it protects.",
    roles: everyone,
    input: ById,
    output: PolicyDetail,
  }),
  updatePolicy: row({
    method: "PATCH",
    path: "/policies/{id}",
    summary: "Change a policy; what it protects follows at once.",
    roles: operators,
    input: UpdatePolicyInput,
    output: PolicyDetail,
  }),
  deletePolicy: row({
    method: "DELETE",
    path: "/policies/{id}",
    summary: "Delete a policy that nothing is assigned to.",
    roles: operators,
    input: ById,
    output: Nothing,
  }),
  assignPolicy: row({
    method: "POST",
    path: "/policy-assignments",
    summary: "Give an agent or a volume a policy, or take it away with null.",
    roles: operators,
    input: AssignPolicyInput,
    output: AgentDetail,
  }),
  listSnapshotRules: row({
    method: "GET",
    path: "/snapshot-rules",
    summary: "When recovery points are made, and how long they stay.",
    roles: everyone,
    input: ListSnapshotRulesInput,
    output: page(SnapshotRule),
  }),
  createSnapshotRule: row({
    method: "POST",
    path: "/snapshot-rules",
    summary: "Make a snapshot rule: every so many minutes, or at a time of day, in a time zone.",
    roles: operators,
    input: CreateSnapshotRuleInput,
    output: SnapshotRule,
  }),
  getSnapshotRule: row({
    method: "GET",
    path: "/snapshot-rules/{id}",
    summary: "One snapshot rule.",
    roles: everyone,
    input: ById,
    output: SnapshotRule,
  }),
  updateSnapshotRule: row({
    method: "PATCH",
    path: "/snapshot-rules/{id}",
    summary: "Change a snapshot rule, also one in use.",
    roles: operators,
    input: UpdateSnapshotRuleInput,
    output: SnapshotRule,
  }),
  deleteSnapshotRule: row({
    method: "DELETE",
    path: "/snapshot-rules/{id}",
    summary: "Delete a snapshot rule that no policy holds.",
    roles: operators,
    input: ById,
    output: Nothing,
  }),
  listReplicationRules: row({
    method: "GET",
    path: "/replication-rules",
    summary: "Where recovery points go, and how far behind that may be.",
    roles: everyone,
    input: ListReplicationRulesInput,
    output: page(ReplicationRule),
  }),
  createReplicationRule: row({
    method: "POST",
    path: "/replication-rules",
    summary: "Make a replication rule: a target core and a recovery point objective.",
    roles: operators,
    input: CreateReplicationRuleInput,
    output: ReplicationRule,
  }),
  getReplicationRule: row({
    method: "GET",
    path: "/replication-rules/{id}",
    summary: "One replication rule.",
    roles: everyone,
    input: ById,
    output: ReplicationRule,
  }),
  updateReplicationRule: row({
    method: "PATCH",
    path: "/replication-rules/{id}",
    summary: "Change a replication rule, also one in use.",
    roles: operators,
    input: UpdateReplicationRuleInput,
    output: ReplicationRule,
  }),
  deleteReplicationRule: row({
    method: "DELETE",
    path: "/replication-rules/{id}",
    summary: "Delete a replication rule that no policy holds.",
    roles: operators,
    input: ById,
    output: Nothing,
  }),
} as const;
