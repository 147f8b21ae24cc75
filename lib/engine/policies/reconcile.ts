import "server-only";
import type { Tx } from "@/lib/db/client";
import type { EngineContext } from "@/lib/engine/context";
import { emitEvents } from "@/lib/engine/events/emit";
import { wishByPolicy } from "@/lib/engine/pairing/agents/wish";
import { createSourceSessions } from "@/lib/engine/sessions/create";
import { canMove } from "@/lib/engine/sessions/state";
import type { ReplicationSession } from "@/prisma/generated/client";
import { type PlannedSession, planSessions, type WantedSession } from "./plan-sessions";

/** What a session that no policy follows any more has again. */
const RPO_SECONDS_DEFAULT = 3600;

/**
 * Makes the sessions of these agents those that their policies ask for: new ones begin, the RPO of others changes, and those that a
 * policy made and none asks for any more are on their way out. Of an agent that another core leads, nothing changes. Answers the
 * pairings whose targets have to hear of it.
 */
export async function reconcileSessions(tx: Tx, ctx: EngineContext, agentIds: readonly string[]): Promise<string[]> {
  const wanted = await readWanted(tx, agentIds);
  // The same order everywhere, so that two who hold several never wait for each other.
  await tx.$queryRaw`
    select 1 from replication_session where agent_id = any(${[...agentIds]}::uuid[]) and side = 'source' order by id for update`;
  const present = await tx.replicationSession.findMany({
    where: { agentId: { in: [...agentIds] }, side: "source", role: "source", agent: { leadPairingId: null } },
  });
  const plan = planSessions(wanted, present);
  await createSourceSessions(tx, ctx, plan.create);
  await wishByPolicy(tx, ctx, [...plan.create, ...plan.revive.map(({ wanted: session }) => session)]);
  for (const { rows, wanted: session } of groupByRule([...plan.revive, ...plan.follow]))
    await follow(tx, rows, session);
  await revive(tx, plan.revive);
  await release(tx, plan.release);
  const removed = await remove(tx, ctx, plan.remove);
  await emitEvents(
    tx,
    "session",
    [...plan.revive, ...plan.follow].map(({ row }) => row.id),
  );
  return [
    ...new Set([...plan.create, ...plan.revive.map(({ row }) => row), ...removed].map(({ pairingId }) => pairingId)),
  ];
}

/** One for each agent and target: of several rules, the one with the shortest RPO. */
async function readWanted(tx: Tx, agentIds: readonly string[]): Promise<WantedSession[]> {
  return tx.$queryRaw<WantedSession[]>`
    with used as (
      select id as agent_id, policy_id from agent where id = any(${[...agentIds]}::uuid[]) and policy_id is not null
      union
      select agent_id, policy_id from volume where agent_id = any(${[...agentIds]}::uuid[]) and policy_id is not null
    )
    select distinct on (u.agent_id, r.pairing_id) u.agent_id as "agentId", r.pairing_id as "pairingId",
      r.id as "replicationRuleId", u.policy_id as "policyId", r.rpo_seconds as "rpoSeconds"
    from used u
    join agent a on a.id = u.agent_id
    join policy_replication_rule held on held.policy_id = u.policy_id
    join replication_rule r on r.id = held.replication_rule_id
    join pairing p on p.id = r.pairing_id
    where p.side = 'source' and p.state = 'established'
      and a.kind = 'machine' and a.lead_pairing_id is null and a.deletion_asked_at is null
    order by u.agent_id, r.pairing_id, r.rpo_seconds, r.id`;
}

/** Agents of one policy follow the same rule: one statement for each, and policies have a few. */
function groupByRule(planned: readonly PlannedSession[]): { rows: string[]; wanted: WantedSession }[] {
  const groups = new Map<string, { rows: string[]; wanted: WantedSession }>();
  for (const { row, wanted } of planned) {
    const key = `${wanted.replicationRuleId} ${wanted.policyId}`;
    const group = groups.get(key) ?? { rows: [], wanted };
    group.rows.push(row.id);
    groups.set(key, group);
  }
  return [...groups.values()];
}

async function follow(
  tx: Tx,
  ids: string[],
  { replicationRuleId, policyId, rpoSeconds }: WantedSession,
): Promise<void> {
  await tx.replicationSession.updateMany({
    where: { id: { in: ids } },
    data: { replicationRuleId, policyId, rpoSeconds },
  });
}

const ANEW = { pausedBy: null, nextRunAt: null, failureCode: null, failureMessage: null, consecutiveFailures: 0 };

/** What had ended, or was about to go, begins anew; what the target still has is found by its first run. */
async function revive(tx: Tx, planned: readonly PlannedSession[]): Promise<void> {
  await tx.replicationSession.updateMany({
    where: { id: { in: planned.map(({ row }) => row.id) } },
    data: { ...ANEW, state: "initializing" },
  });
}

/** A pairing made them: they go on by themselves. */
async function release(tx: Tx, rows: readonly ReplicationSession[]): Promise<void> {
  const ids = rows.map(({ id }) => id);
  await tx.replicationSession.updateMany({
    where: { id: { in: ids } },
    data: { replicationRuleId: null, policyId: null, rpoSeconds: RPO_SECONDS_DEFAULT },
  });
  await emitEvents(tx, "session", ids);
}

async function remove(tx: Tx, ctx: EngineContext, rows: readonly ReplicationSession[]): Promise<ReplicationSession[]> {
  const leaving = rows.filter(({ state }) => state === "ended" || canMove(state, "deleting"));
  const ids = leaving.map(({ id }) => id);
  await tx.replicationSession.updateMany({
    where: { id: { in: ids } },
    data: { state: "deleting", replicationRuleId: null, policyId: null, nextRunAt: null },
  });
  await tx.run.updateMany({
    where: { sessionId: { in: ids }, state: { in: ["queued", "running", "paused"] }, cancelRequestedAt: null },
    data: { cancelRequestedAt: ctx.now() },
  });
  await emitEvents(tx, "session", ids);
  return leaving;
}
