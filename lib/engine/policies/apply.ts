import "server-only";
import type { Tx } from "@/lib/db/client";
import type { EngineContext } from "@/lib/engine/context";
import { emitEvents } from "@/lib/engine/events/emit";
import { wakeTargets } from "@/lib/engine/metadata/announce";
import { reconcileSessions } from "./reconcile";

/** So many agents are told of at once; the sweep tells the targets of more. */
const WOKEN_MAX = 20;

/** What is left to do when the transaction is through. Lost in a crash, the sweep does it. */
export interface AppliedWork {
  afterwards(): Promise<void>;
}

/**
 * After a change of what protects these agents, in its transaction and under the lock of the policies: their sessions become those
 * that their policies ask for, their schedule is worked out anew by the next look, and targets are told.
 */
export async function applyPolicies(tx: Tx, ctx: EngineContext, agentIds: readonly string[]): Promise<AppliedWork> {
  if (agentIds.length === 0) return { afterwards: async () => undefined };
  await reschedule(tx, ctx, agentIds);
  const pairingIds = await reconcileSessions(tx, ctx, agentIds);
  await emitEvents(tx, "agent", [...agentIds]);
  return {
    afterwards: async () => {
      for (const pairingId of pairingIds)
        await ctx.enqueue("poll-pairing", { pairingId }, { key: `${pairingId}/policies` });
      for (const agentId of agentIds.slice(0, WOKEN_MAX)) await wakeTargets(ctx, agentId);
    },
  };
}

/** A slot that is due already is not lost by the change; before now, a new schedule has missed nothing. In one order of rows. */
async function reschedule(tx: Tx, ctx: EngineContext, agentIds: readonly string[]): Promise<void> {
  const now = ctx.now();
  await tx.$executeRaw`
    update agent a set metadata_version = a.metadata_version + 1,
      next_capture_at = case when used.any_policy then ${now}::timestamptz end,
      scheduled_up_to = case
        when not used.any_policy then null
        when a.next_capture_at <= ${now} then a.scheduled_up_to
        else ${now}
      end,
      capture_failure = null, capture_failed_at = null
    from (
      select held.id, held.policy_id is not null
        or exists (select 1 from volume where agent_id = held.id and policy_id is not null) as any_policy
      from (select id, policy_id from agent where id = any(${[...agentIds]}::uuid[]) order by id for update) held
    ) used
    where a.id = used.id`;
}

/** The agents that a policy protects, as a whole or with a volume. */
export async function usersOfPolicy(tx: Tx, policyId: string): Promise<string[]> {
  const rows = await tx.$queryRaw<{ id: string }[]>`
    select id from agent where policy_id = ${policyId}::uuid
    union select agent_id from volume where policy_id = ${policyId}::uuid order by id`;
  return rows.map(({ id }) => id);
}

/** The agents whose policies hold a rule. */
export async function usersOfRule(
  tx: Tx,
  {
    snapshotRuleId = null,
    replicationRuleId = null,
  }: { snapshotRuleId?: string | null; replicationRuleId?: string | null },
): Promise<string[]> {
  const rows = await tx.$queryRaw<{ id: string }[]>`
    with held as (
      select policy_id from policy_snapshot_rule where snapshot_rule_id = ${snapshotRuleId}::uuid
      union select policy_id from policy_replication_rule where replication_rule_id = ${replicationRuleId}::uuid
    )
    select id from agent where policy_id in (select policy_id from held)
    union select agent_id from volume where policy_id in (select policy_id from held) order by id`;
  return rows.map(({ id }) => id);
}
