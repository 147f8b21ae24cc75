import type { z } from "zod";
import type { EngineContext } from "@/lib/engine/context";
import { createPolicy, deletePolicy, getPolicy, updatePolicy } from "@/lib/engine/policies";
import { conflict, invalidInput } from "@/lib/errors";
import type { VendorCall } from "../../row";
import { placeOrder } from "../order";
import { assertNameFree, findMany, findOne } from "../read";
import type { CloneInput, CreatePolicyInput, ModifyPolicyInput } from "../schemas";
import type { WireResource } from "../table/column";
import { policy, replicationRule, snapshotRule } from "../table/rules";

const resource = policy.name;

export const create = (ctx: EngineContext, input: z.output<typeof CreatePolicyInput>, call: VendorCall) =>
  placeOrder(ctx, call, {
    action: "create",
    resource,
    work: async () => {
      const snapshotRuleIds = (await idsOf(ctx, snapshotRule, input.snapshot_rule_ids)) ?? [];
      const replicationRuleIds = (await idsOf(ctx, replicationRule, input.replication_rule_ids)) ?? [];
      if (snapshotRuleIds.length + replicationRuleIds.length === 0)
        throw invalidInput("A policy has at least one snapshot rule or replication rule.");
      await assertNameFree(ctx, policy, input.name);
      const { id, name } = await createPolicy(ctx, {
        name: input.name,
        description: input.description ?? "",
        snapshotRuleIds,
        replicationRuleIds,
        isReadOnly: input.is_read_only ?? false,
      });
      return { id, name, status: 201, body: { id } };
    },
  });

export const modify = (ctx: EngineContext, input: z.output<typeof ModifyPolicyInput>, call: VendorCall) =>
  placeOrder(ctx, call, {
    action: "modify",
    resource,
    work: async () => {
      const found = await findOne(ctx, policy, input.id);
      await assertNameFree(ctx, policy, input.name, found.id);
      await updatePolicy(ctx, {
        id: found.id,
        name: input.name,
        description: input.description ?? undefined,
        snapshotRuleIds: await idsOf(ctx, snapshotRule, input.snapshot_rule_ids),
        addSnapshotRuleIds: await idsOf(ctx, snapshotRule, input.add_snapshot_rule_ids),
        removeSnapshotRuleIds: await idsOf(ctx, snapshotRule, input.remove_snapshot_rule_ids),
        replicationRuleIds: await idsOf(ctx, replicationRule, input.replication_rule_ids),
        addReplicationRuleIds: await idsOf(ctx, replicationRule, input.add_replication_rule_ids),
        removeReplicationRuleIds: await idsOf(ctx, replicationRule, input.remove_replication_rule_ids),
      });
      return { id: found.id, name: found.name, status: 204 };
    },
  });

export const remove = (ctx: EngineContext, { id }: { id: string }, call: VendorCall) =>
  placeOrder(ctx, call, {
    action: "delete",
    resource,
    work: async () => {
      const found = await findOne(ctx, policy, id);
      await deletePolicy(ctx, { id: found.id });
      return { id: found.id, name: found.name, status: 204 };
    },
  });

export const clone = (ctx: EngineContext, input: z.output<typeof CloneInput>, call: VendorCall) =>
  placeOrder(ctx, call, {
    action: "clone",
    resource,
    work: async () => {
      const found = await findOne(ctx, policy, input.id, ["isReplica"]);
      if (found.isReplica === true)
        throw conflict(`"${found.name}" is a replica; its rules are of another system. Clone it there.`, "wrong-state");
      const { description, snapshotRules, replicationRules } = await getPolicy(ctx, { id: found.id });
      await assertNameFree(ctx, policy, input.name);
      const { id, name } = await createPolicy(ctx, {
        name: input.name,
        description: input.description ?? description,
        snapshotRuleIds: snapshotRules.map((rule) => rule.id),
        replicationRuleIds: replicationRules.map((rule) => rule.id),
      });
      return { id, name, status: 200, body: { id } };
    },
  });

/** null and nothing are both "not given", as Go's client sends a list that it does not have. */
const idsOf = (ctx: EngineContext, table: WireResource, ids: readonly string[] | null | undefined) =>
  ids ? findMany(ctx, table, ids) : Promise.resolve(undefined);
