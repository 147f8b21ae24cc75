import type { z } from "zod";
import { queryCatalog } from "@/lib/engine/catalog";
import type { EngineContext } from "@/lib/engine/context";
import { createReplicationRule, deleteReplicationRule, updateReplicationRule } from "@/lib/engine/replication-rules";
import { conflict, TwincoreError } from "@/lib/errors";
import type { VendorCall } from "../../row";
import { placeOrder } from "../order";
import { assertNameFree, findOne } from "../read";
import type { CloneInput, CreateReplicationRuleInput, ModifyReplicationRuleInput } from "../schemas";
import { remoteSystem } from "../table/remote-system";
import { replicationRule } from "../table/rules";
import { RPO_SECONDS } from "../table/words";

const resource = replicationRule.name;

export const create = (ctx: EngineContext, input: z.output<typeof CreateReplicationRuleInput>, call: VendorCall) =>
  placeOrder(ctx, call, {
    action: "create",
    resource,
    work: async () => {
      const rpoSeconds = toSeconds(input.rpo);
      const pairing = await findOne(ctx, remoteSystem, input.remote_system_id);
      await assertNameFree(ctx, replicationRule, input.name);
      const { id, name } = await createReplicationRule(ctx, {
        name: input.name,
        pairingId: pairing.id,
        rpoSeconds,
        // Its default there is the RPO itself.
        alertThresholdMinutes: input.alert_threshold ?? rpoSeconds / 60,
        isReadOnly: input.is_read_only ?? false,
      });
      return { id, name, status: 201, body: { id } };
    },
  });

export const modify = (ctx: EngineContext, input: z.output<typeof ModifyReplicationRuleInput>, call: VendorCall) =>
  placeOrder(ctx, call, {
    action: "modify",
    resource,
    work: async () => {
      const rule = await findOne(ctx, replicationRule, input.id, ["pairingId"]);
      const pairingId = input.remote_system_id && (await findOne(ctx, remoteSystem, input.remote_system_id)).id;
      if (pairingId !== undefined && pairingId !== rule.pairingId) await assertUnused(ctx, rule.id);
      await assertNameFree(ctx, replicationRule, input.name, rule.id);
      await updateReplicationRule(ctx, {
        id: rule.id,
        name: input.name,
        pairingId,
        rpoSeconds: input.rpo === undefined ? undefined : toSeconds(input.rpo),
        alertThresholdMinutes: input.alert_threshold,
      });
      return { id: rule.id, name: rule.name, status: 204 };
    },
  });

/** The engine lets a rule in use change its target; this API wants it out of use first. */
async function assertUnused(ctx: EngineContext, ruleId: string): Promise<void> {
  const { total } = await queryCatalog(ctx, {
    resource: "replicationRule",
    where: {
      and: [
        { field: "id", is: "eq", value: ruleId },
        { field: "isAssigned", is: "eq", value: true },
      ],
    },
    limit: 0,
  });
  if (total > 0)
    throw conflict(
      "The remote system of a rule cannot change while a policy with it protects something. Take the rule out of the policy, or the policy off what it protects, first.",
      "in-use",
    );
}

export const remove = (ctx: EngineContext, { id }: { id: string }, call: VendorCall) =>
  placeOrder(ctx, call, {
    action: "delete",
    resource,
    work: async () => {
      const rule = await findOne(ctx, replicationRule, id);
      await deleteReplicationRule(ctx, { id: rule.id });
      return { id: rule.id, name: rule.name, status: 204 };
    },
  });

export const clone = (ctx: EngineContext, input: z.output<typeof CloneInput>, call: VendorCall) =>
  placeOrder(ctx, call, {
    action: "clone",
    resource,
    work: async () => {
      const rule = await findOne(ctx, replicationRule, input.id, ["pairingId", "rpoSeconds", "alertThresholdMinutes"]);
      await assertNameFree(ctx, replicationRule, input.name);
      const { id, name } = await createReplicationRule(ctx, {
        name: input.name,
        pairingId: String(rule.pairingId),
        rpoSeconds: Number(rule.rpoSeconds),
        alertThresholdMinutes: Number(rule.alertThresholdMinutes),
      });
      return { id, name, status: 200, body: { id } };
    },
  });

function toSeconds(rpo: string): number {
  const seconds = RPO_SECONDS[rpo];
  if (seconds === undefined)
    throw new TwincoreError("conflict", "Zero asks for synchronous replication, which this system does not do.");
  return seconds;
}
