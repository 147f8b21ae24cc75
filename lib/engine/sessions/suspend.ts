import "server-only";
import type { Tx } from "@/lib/db/client";
import { withTransaction } from "@/lib/db/transaction";
import { writeAudit } from "@/lib/engine/audit";
import type { EngineContext } from "@/lib/engine/context";
import { emitEvents } from "@/lib/engine/events/emit";
import { notFound, TwincoreError } from "@/lib/errors";
import { isLinkDown } from "./link";
import { OPERATIONS } from "./operations";
import type { SuspendPeersInput, SuspendPeersOutput } from "./schemas";

/** Jobs of one order; what is not told by one is told by the minute's look. */
const TOLD_MAX = 500;

/**
 * Pauses every session of these pairings, as pauseSession does each, in a few statements however many they are; again is no error.
 * Agents that are taken in later are not paused. Throws not_found, and changes nothing, unless every pairing is established.
 */
export async function suspendPeers(ctx: EngineContext, input: SuspendPeersInput): Promise<SuspendPeersOutput> {
  const changed = await withTransaction(ctx.db, async (tx) => {
    const pairingIds = await findPeers(tx, input);
    const sessions = await tx.$queryRaw<Changed[]>`
      update replication_session s set paused_by = s.side::text, next_run_at = null,
        state = (case when s.side = 'source' and exists (
            select 1 from run where session_id = s.id and state = 'running' and lease_owner is not null
          ) then 'pausing' else 'paused' end)::session_state,
        paused_from = case when s.state in ('pausing', 'paused') then s.paused_from else s.state end,
        revision = s.revision + 1, updated_at = now()
      where s.id in (
        select id from replication_session
        where pairing_id = any(${pairingIds}::uuid[]) and state::text = any(${[...OPERATIONS.pause.states]}::text[])
          and not (state in ('pausing', 'paused') and paused_by = side::text)
        order by id for update
      ) returning s.id, s.side::text as side`;
    await tx.run.updateMany({
      where: { sessionId: { in: sessions.map(({ id }) => id) }, state: "queued", leaseOwner: null },
      data: { state: "paused", pauseReason: "Paused." },
    });
    await record(tx, ctx, { action: "pairing.suspend", pairingIds, sessions });
    return sessions;
  });
  await tell(ctx, changed);
  return { sessions: changed.length };
}

/**
 * Goes on with every session of these pairings that is paused or waits to try again, as resumeSession does each. Throws not_found as
 * above, and conflict with detail "link-down" while a paused one's other core does not answer.
 */
export async function resumePeers(ctx: EngineContext, input: SuspendPeersInput): Promise<SuspendPeersOutput> {
  const changed = await withTransaction(ctx.db, async (tx) => {
    const pairingIds = await findPeers(tx, input);
    const waiting = await tx.$queryRaw<Waiting[]>`
      select s.id, s.side::text as side, s.state::text as state, s.unheard_since as "unheardSince", p.last_contact_at as "lastContactAt"
      from replication_session s join pairing p on p.id = s.pairing_id
      where s.pairing_id = any(${pairingIds}::uuid[]) and s.state in ('pausing', 'paused', 'system_paused')
      order by s.id for update of s`;
    assertHeard(waiting, ctx.now());
    const sessions = await tx.$queryRaw<Changed[]>`
      update replication_session s set next_run_at = ${ctx.now()}, updated_at = now(),
        state = case when s.state = 'system_paused' then s.state else 'resuming'::session_state end, paused_by = null,
        revision = s.revision + (case when s.state = 'system_paused' then 0 else 1 end)
      where s.id = any(${waiting.map(({ id }) => id)}::uuid[]) returning s.id, s.side::text as side`;
    await record(tx, ctx, { action: "pairing.resume", pairingIds, sessions });
    return sessions;
  });
  await tell(ctx, changed);
  return { sessions: changed.length };
}

/** The same for one pairing, from either side. Throws not_found. */
export const suspendPairing = (ctx: EngineContext, { id }: { id: string }): Promise<SuspendPeersOutput> =>
  suspendPeers(ctx, { pairingIds: [id] });

/** The same for one pairing, from either side. Throws not_found. */
export const resumePairing = (ctx: EngineContext, { id }: { id: string }): Promise<SuspendPeersOutput> =>
  resumePeers(ctx, { pairingIds: [id] });

async function findPeers(tx: Tx, { side, pairingIds, numbers, host }: SuspendPeersInput): Promise<string[]> {
  const wanted = [...new Set<string | number>([...(pairingIds ?? []), ...(numbers ?? [])])];
  const rows = await tx.$queryRaw<{ id: string; number: number }[]>`
    select p.id, p.number from pairing p where p.state = 'established' and (${side ?? null}::text is null or p.side::text = ${side ?? null}) and (
      p.id = any(${pairingIds ?? []}::uuid[]) or p.number = any(${numbers ?? []}::int[])
      or (${host ?? null}::text is not null and (lower(p.peer_name) = lower(${host ?? ""})
        or lower(substring(p.peer_url from '^[a-z]+://([^/:]*)')) = lower(${host ?? ""})))
    ) order by p.id`;
  const found = new Set<string | number>(rows.flatMap(({ id, number }) => [id, number]));
  if (rows.length === 0 || wanted.some((each) => !found.has(each)))
    throw notFound(side === undefined ? "peer" : `replication ${side === "target" ? "source" : "target"}`);
  return rows.map(({ id }) => id);
}

interface Changed {
  readonly id: string;
  readonly side: "source" | "target";
}

interface Waiting extends Changed {
  readonly state: string;
  readonly unheardSince: Date | null;
  readonly lastContactAt: Date | null;
}

/** What only waits to try again may do so; what a person paused goes on together with the other core. */
function assertHeard(sessions: readonly Waiting[], now: Date): void {
  if (!sessions.some((session) => session.state !== "system_paused" && isLinkDown(session, now))) return;
  const message = "The other core does not answer. Wait until it is heard again.";
  throw new TwincoreError("conflict", message, { detail: "link-down" });
}

interface Order {
  readonly action: string;
  readonly pairingIds: string[];
  readonly sessions: readonly Changed[];
}

async function record(tx: Tx, ctx: EngineContext, { action, pairingIds, sessions }: Order): Promise<void> {
  for (const id of pairingIds) await writeAudit(tx, ctx, action, id, { sessions: sessions.length });
  if (sessions.length > 0)
    await emitEvents(
      tx,
      "session",
      sessions.map(({ id }) => id),
    );
  await emitEvents(tx, "pairing", pairingIds);
}

/** The other core hears of those that this one calls for at once; of the rest, and where it calls, within a minute. */
async function tell(ctx: EngineContext, sessions: readonly Changed[]): Promise<void> {
  const ours = sessions.filter(({ side }) => side === "source").slice(0, TOLD_MAX);
  for (const { id } of ours) await ctx.enqueue("tell-session", { sessionId: id }, { key: id });
}
