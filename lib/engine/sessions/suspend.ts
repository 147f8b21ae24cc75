import "server-only";
import type { Tx } from "@/lib/db/client";
import { withTransaction } from "@/lib/db/transaction";
import { writeAudit } from "@/lib/engine/audit";
import type { EngineContext } from "@/lib/engine/context";
import { emitEvents } from "@/lib/engine/events/emit";
import { TwincoreError } from "@/lib/errors";
import { OPERATIONS } from "./operations";
import type { SuspendPeersInput, SuspendPeersOutput } from "./schemas";

/**
 * Pauses every session of these pairings, as pauseSession does each, in a few statements however many they are; again is no error.
 * Agents that are taken in later are not paused. Throws not_found, and changes nothing, unless every pairing is established.
 */
export function suspendPeers(ctx: EngineContext, input: SuspendPeersInput): Promise<SuspendPeersOutput> {
  return withTransaction(ctx.db, async (tx) => {
    const pairingIds = await findPeers(tx, input);
    const changed = await tx.$queryRaw<{ id: string }[]>`
      update replication_session s set state = 'paused', paused_by = s.side::text, next_run_at = null,
        paused_from = case when s.state in ('pausing', 'paused') then s.paused_from else s.state end,
        revision = s.revision + 1, updated_at = now()
      where s.id in (
        select id from replication_session
        where pairing_id = any(${pairingIds}::uuid[]) and state::text = any(${[...OPERATIONS.pause.states]}::text[])
          and not (state in ('pausing', 'paused') and paused_by = side::text)
        order by id for update
      ) returning s.id`;
    const ids = changed.map(({ id }) => id);
    await tx.run.updateMany({
      where: { sessionId: { in: ids }, state: "queued", leaseOwner: null },
      data: { state: "paused", pauseReason: "Paused." },
    });
    return finish(tx, ctx, { action: "pairing.suspend", pairingIds, ids });
  });
}

/** Goes on with every session of these pairings that is paused or waits to try again. Throws not_found as above. */
export async function resumePeers(ctx: EngineContext, input: SuspendPeersInput): Promise<SuspendPeersOutput> {
  return withTransaction(ctx.db, async (tx) => {
    const pairingIds = await findPeers(tx, input);
    const changed = await tx.$queryRaw<{ id: string }[]>`
      update replication_session s set next_run_at = ${ctx.now()}, updated_at = now(),
        state = case when s.state = 'system_paused' then s.state else 'resuming'::session_state end, paused_by = null,
        revision = s.revision + (case when s.state = 'system_paused' then 0 else 1 end)
      where s.id in (
        select id from replication_session
        where pairing_id = any(${pairingIds}::uuid[]) and state in ('pausing', 'paused', 'system_paused')
        order by id for update
      ) returning s.id`;
    return finish(tx, ctx, { action: "pairing.resume", pairingIds, ids: changed.map(({ id }) => id) });
  });
}

async function findPeers(tx: Tx, { side, pairingIds, numbers, host }: SuspendPeersInput): Promise<string[]> {
  const wanted = [...new Set<string | number>([...(pairingIds ?? []), ...(numbers ?? [])])];
  const rows = await tx.$queryRaw<{ id: string; number: number }[]>`
    select p.id, p.number from pairing p where p.state = 'established' and p.side::text = ${side} and (
      p.id = any(${pairingIds ?? []}::uuid[]) or p.number = any(${numbers ?? []}::int[])
      or (${host ?? null}::text is not null and (lower(p.peer_name) = lower(${host ?? ""})
        or lower(substring(p.peer_url from '^[a-z]+://([^/:]*)')) = lower(${host ?? ""})))
    ) order by p.id`;
  const found = new Set<string | number>(rows.flatMap(({ id, number }) => [id, number]));
  if (rows.length === 0 || wanted.some((each) => !found.has(each)))
    throw new TwincoreError("not_found", `There is no such replication ${side === "target" ? "source" : "target"}.`);
  return rows.map(({ id }) => id);
}

interface Changed {
  readonly action: string;
  readonly pairingIds: string[];
  readonly ids: string[];
}

async function finish(tx: Tx, ctx: EngineContext, { action, pairingIds, ids }: Changed): Promise<SuspendPeersOutput> {
  for (const id of pairingIds) await writeAudit(tx, ctx, action, id, { sessions: ids.length });
  if (ids.length > 0) await emitEvents(tx, "session", ids);
  await emitEvents(tx, "pairing", pairingIds);
  return { sessions: ids.length };
}
