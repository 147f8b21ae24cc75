import "server-only";
import type { Tx } from "@/lib/db/client";
import { withTransaction } from "@/lib/db/transaction";
import { writeAudit } from "@/lib/engine/audit";
import type { EngineContext } from "@/lib/engine/context";
import { emitEvents } from "@/lib/engine/events/emit";
import { conflict, notFound } from "@/lib/errors";
import { Prisma } from "@/prisma/generated/client";
import type { QueueRecoveryPointsInput, QueueStatus } from "./schemas";

/**
 * Asks for runs now of the sessions that lack these backups. A run always sends what is missing, oldest first: asking for one backup asks for
 * those before it too. What is on the target already needs nothing. Throws not_found for an unknown backup, conflict when one is
 * not replicated to the target, or its session is paused.
 */
export function queueRecoveryPoints(
  ctx: EngineContext,
  { numbers, target }: QueueRecoveryPointsInput,
): Promise<{ sessions: number }> {
  return withTransaction(ctx.db, async (tx) => {
    const distinct = [...new Set(numbers)].map(BigInt);
    const points = await tx.recoveryPoint.findMany({
      where: { number: { in: distinct } },
      select: { agentId: true, agent: { select: { name: true } } },
    });
    if (points.length !== distinct.length) throw notFound("backup");
    const agentIds = [...new Set(points.map(({ agentId }) => agentId))];
    const sessions = await lockSessions(tx, agentIds, target ?? null);
    const without = points.find(({ agentId }) => !sessions.some((session) => session.agent_id === agentId));
    if (without)
      throw conflict(
        `Backups of "${without.agent.name}" are not replicated ${target ? "to that target" : "anywhere"}.`,
      );
    const held = sessions.find(({ state }) => state === "paused" || state === "pausing");
    if (held) throw conflict("Its replication is suspended. Resume it first.");
    return ask(
      tx,
      ctx,
      sessions.map(({ id }) => id),
      "replication.queue",
    );
  });
}

/** Asks for a run now of every session of this core that is not paused: also of those that wait to try again. */
export function restartReplication(ctx: EngineContext): Promise<{ sessions: number }> {
  return withTransaction(ctx.db, async (tx) => {
    const sessions = await lockSessions(tx, null, null);
    const free = sessions.filter(({ state }) => state !== "paused" && state !== "pausing");
    return ask(
      tx,
      ctx,
      free.map(({ id }) => id),
      "replication.restart",
    );
  });
}

/** How each of these backups stands on its way to all targets of its agent: the least finished one counts. Unknown numbers are left out. */
export async function queueStatuses(
  ctx: EngineContext,
  numbers: readonly number[],
): Promise<{ number: number; status: QueueStatus }[]> {
  const rows = await ctx.db.prisma.$queryRaw<{ number: bigint; status: QueueStatus }[]>`
    select rp.number, case
        when bool_or(rp.sequence > reached.sequence and s.state = 'synchronizing') then 'in-progress'
        when bool_or(rp.sequence > reached.sequence and s.state = 'system_paused') then 'failed'
        when bool_or(rp.sequence > reached.sequence) then 'needed'
        else 'done' end as status
    from recovery_point rp join replication_session s on s.agent_id = rp.agent_id and s.side = 'source' and s.state <> 'ended'
    cross join lateral (
      select coalesce((select sequence from recovery_point where id = s.newest_point_id), -1) as sequence
    ) reached
    where rp.number = any(${[...new Set(numbers)].map(BigInt)}::bigint[]) group by rp.number order by rp.number`;
  return rows.map(({ number, status }) => ({ number: Number(number), status }));
}

/** Sessions that this core drives, held until the end of the transaction, in one order for everybody. */
function lockSessions(
  tx: Tx,
  agentIds: readonly string[] | null,
  target: string | null,
): Promise<{ id: string; agent_id: string; state: string }[]> {
  const ofAgents = agentIds ? Prisma.sql`s.agent_id = any(${[...agentIds]}::uuid[])` : Prisma.sql`true`;
  return tx.$queryRaw`
    select s.id, s.agent_id, s.state::text as state from replication_session s join pairing p on p.id = s.pairing_id
    where ${ofAgents} and s.side = 'source' and s.role = 'source' and p.state = 'established'
      and s.state not in ('ended', 'deleting', 'failed_over')
      and (${target}::text is null or lower(p.peer_name) = lower(${target})
        or lower(substring(p.peer_url from '^[a-z]+://([^/:]*)')) = lower(${target}))
    order by s.id for update of s`;
}

/** A worker looks for sessions whose time has come every few seconds; no job can be lost. */
async function ask(tx: Tx, ctx: EngineContext, ids: string[], action: string): Promise<{ sessions: number }> {
  if (ids.length > 0) {
    await tx.$executeRaw`
      update replication_session set next_run_at = ${ctx.now()}, updated_at = now()
      where id = any(${ids}::uuid[]) and (next_run_at is null or next_run_at > ${ctx.now()})`;
    await emitEvents(tx, "session", ids);
  }
  await writeAudit(tx, ctx, action, String(ids.length), { sessions: ids.slice(0, 100) });
  return { sessions: ids.length };
}
