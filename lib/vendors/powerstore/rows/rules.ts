import type { z } from "zod";
import { operators, vendorRow } from "../../row";
import {
  CloneInput,
  Created,
  CreatedLater,
  CreatePolicyInput,
  CreateReplicationRuleInput,
  CreateSnapshotRuleInput,
  ModifyPolicyInput,
  ModifyReplicationRuleInput,
  ModifySnapshotRuleInput,
  NoBody,
} from "../schemas";
import { BASE } from "./reading";

const replicationRules = () => import("../handlers/replication-rules");
const snapshotRules = () => import("../handlers/snapshot-rules");
const policies = () => import("../handlers/policies");

const of = (resource: string) => ({
  create: <I extends z.ZodType>(input: I) =>
    ({
      name: `create_${resource}`,
      method: "POST",
      path: `${BASE}/${resource}`,
      summary: "Makes one.",
      roles: operators,
      input,
      output: Created,
      status: 201,
    }) as const,
  modify: <I extends z.ZodType>(input: I) =>
    ({
      name: `modify_${resource}`,
      method: "PATCH",
      path: `${BASE}/${resource}/{id}`,
      summary: "Changes what is given; it holds at once for all that follows it.",
      roles: operators,
      input,
      output: CreatedLater,
      status: 204,
    }) as const,
  remove: {
    name: `delete_${resource}`,
    method: "DELETE",
    path: `${BASE}/${resource}/{id}`,
    summary: "Deletes it, unless it is in use.",
    roles: operators,
    input: NoBody,
    output: CreatedLater,
    status: 204,
  } as const,
  clone: {
    name: `clone_${resource}`,
    method: "POST",
    path: `${BASE}/${resource}/{id}/clone`,
    summary: "Makes another one like it.",
    roles: operators,
    input: CloneInput,
    output: Created,
    status: 200,
  } as const,
});

const replicationRule = of("replication_rule");
const snapshotRule = of("snapshot_rule");
const policy = of("policy");

export const ruleRows = [
  vendorRow({
    ...replicationRule.create(CreateReplicationRuleInput),
    handler: async () => (await replicationRules()).create,
  }),
  vendorRow({
    ...replicationRule.modify(ModifyReplicationRuleInput),
    handler: async () => (await replicationRules()).modify,
  }),
  vendorRow({ ...replicationRule.remove, handler: async () => (await replicationRules()).remove }),
  vendorRow({ ...replicationRule.clone, handler: async () => (await replicationRules()).clone }),
  vendorRow({ ...snapshotRule.create(CreateSnapshotRuleInput), handler: async () => (await snapshotRules()).create }),
  vendorRow({ ...snapshotRule.modify(ModifySnapshotRuleInput), handler: async () => (await snapshotRules()).modify }),
  vendorRow({ ...snapshotRule.remove, handler: async () => (await snapshotRules()).remove }),
  vendorRow({ ...policy.create(CreatePolicyInput), handler: async () => (await policies()).create }),
  vendorRow({ ...policy.modify(ModifyPolicyInput), handler: async () => (await policies()).modify }),
  vendorRow({ ...policy.remove, handler: async () => (await policies()).remove }),
  vendorRow({ ...policy.clone, handler: async () => (await policies()).clone }),
];
