import "server-only";
import { withTransaction } from "@/lib/db/transaction";
import type { EngineContext } from "@/lib/engine/context";
import { emitEvents } from "@/lib/engine/events/emit";
import type { QuotaRefusal } from "@/prisma/generated/client";
import { type HardQuota, hardQuotas } from "./find";
import { addUpStored, usedBytes } from "./used";

/** Looked at in one go, those that have waited longest first; there is one row for each agent. */
const WAITING_MAX = 2_000;

/**
 * Agents whose new data would fit now, of those that wait: of one tenant, or of one pairing. Whether it still fits when they try is seen
 * then. A few questions, however many wait.
 */
export async function findRoomAgain(
  ctx: EngineContext,
  scope: { readonly tenantId?: string; readonly pairingId?: string } = {},
): Promise<string[]> {
  const { tenantId, pairingId } = scope;
  const db = ctx.db.prisma;
  const waiting = await db.quotaRefusal.findMany({
    where: { ...(tenantId ? { tenantId } : {}), ...(pairingId ? { agent: { pairingId } } : {}) },
    orderBy: { lastAt: "asc" },
    take: WAITING_MAX,
  });
  if (waiting.length === 0) return [];
  const quotas = await hardQuotas(db, [...new Set(waiting.flatMap((row) => [row.agentId, row.tenantId]))]);
  const room = await Room.read(ctx, waiting, quotas);
  return waiting.filter((row) => room.fits(row)).map(({ agentId }) => agentId);
}

/** What quotas leave, for many agents at once. */
class Room {
  private constructor(
    private readonly quotas: readonly HardQuota[],
    private readonly used: ReadonlyMap<HardQuota, number>,
    /** Protected bytes of the waiting agents: a new point replaces them. */
    private readonly own: ReadonlyMap<string, number>,
  ) {}

  static async read(ctx: EngineContext, waiting: readonly QuotaRefusal[], quotas: readonly HardQuota[]): Promise<Room> {
    const db = ctx.db.prisma;
    const now = ctx.now();
    const used = new Map<HardQuota, number>();
    for (const owner of ["agent", "tenant"] as const)
      for (const meter of ["stored", "protected"] as const) {
        const some = quotas.filter((quota) => quota.of === owner && quota.meter === meter);
        const bytes = await usedBytes(db, { of: owner, ids: some.map(({ subjectId }) => subjectId), meter, now });
        for (const quota of some) used.set(quota, bytes.get(quota.subjectId) ?? 0);
      }
    const ids = waiting.filter(({ protectedBytes }) => protectedBytes !== null).map(({ agentId }) => agentId);
    return new Room(quotas, used, await usedBytes(db, { of: "agent", ids, meter: "protected", now }));
  }

  fits(row: QuotaRefusal): boolean {
    return this.quotas
      .filter(({ subjectId }) => subjectId === row.agentId || subjectId === row.tenantId)
      .every((quota) => this.wouldUse(row, quota) <= quota.limitBytes);
  }

  private wouldUse(row: QuotaRefusal, quota: HardQuota): number {
    const used = this.used.get(quota) ?? 0;
    if (quota.meter === "stored") return row.storedBytes > 0n ? used + Number(row.storedBytes) : 0;
    return row.protectedBytes === null ? 0 : used - (this.own.get(row.agentId) ?? 0) + Number(row.protectedBytes);
  }
}

/** Sessions that nobody has paused or ended: a run that finds nothing to do does no harm. */
const GOING = ["initializing", "ok", "synchronizing", "system_paused"] as const;

/**
 * Lets those go on for whom there is room again: runs of this core at once; sources of other cores hear of it when they ask, which
 * they do each minute.
 */
export async function wakeWaiting(ctx: EngineContext, scope: { readonly tenantId?: string } = {}): Promise<void> {
  const agentIds = await findRoomAgain(ctx, scope);
  if (agentIds.length === 0) return;
  await withTransaction(ctx.db, async (tx) => {
    const woken = await tx.replicationSession.updateManyAndReturn({
      where: { agentId: { in: agentIds }, role: "destination", state: { in: [...GOING] } },
      data: { nextRunAt: ctx.now() },
      select: { id: true },
    });
    await tx.quotaRefusal.deleteMany({ where: { agentId: { in: agentIds } } });
    await emitEvents(
      tx,
      "session",
      woken.map(({ id }) => id),
    );
    await emitEvents(tx, "agent", agentIds);
  });
}

/** A run that waits tries again every five minutes at most: one that has not for so long has nothing to send any more, or cannot reach us. */
const SILENT_MS = 30 * 60_000;
/** Captures try again when their schedule says so. */
const SILENT_CAPTURE_MS = 8 * 86_400_000;

/** Forgets who does not ask for room any more, so that nobody is told of a refusal that nobody feels. */
async function forgetSilent(ctx: EngineContext): Promise<void> {
  const before = (ms: number) => new Date(ctx.now().getTime() - ms);
  await withTransaction(ctx.db, async (tx) => {
    const gone = await tx.$queryRaw<{ agent_id: string }[]>`
      delete from quota_refusal r using agent a
      where a.id = r.agent_id and r.last_at < case when a.lead_pairing_id is null
        then ${before(SILENT_CAPTURE_MS)}::timestamptz else ${before(SILENT_MS)}::timestamptz end
      returning r.agent_id`;
    const agentIds = gone.map(({ agent_id }) => agent_id);
    if (agentIds.length === 0) return;
    await tx.$executeRaw`
      update replication_session set failure_code = null, failure_message = null,
        state = case when newest_point_id is null then 'initializing' else 'ok' end::session_state
      where agent_id = any(${agentIds}::uuid[]) and side = 'target' and role = 'destination'
        and state = 'system_paused' and failure_code = 'storage_full'`;
    await emitEvents(tx, "agent", agentIds);
  });
}

/** Once a minute: adds up what is stored, and lets go on who waits for room that there is by now. */
export async function sweepQuotas(ctx: EngineContext): Promise<void> {
  await withTransaction(ctx.db, (tx) => addUpStored(tx, ctx.now()));
  await forgetSilent(ctx);
  await wakeWaiting(ctx);
}
