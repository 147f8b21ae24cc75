import "server-only";
import type { Database } from "@/lib/db/client";
import type { EngineContext } from "@/lib/engine/context";

/** Our own time, as both cores of a pairing tell each other with every call. */
export const TIME_HEADER = "twincore-time";

/** Nothing of it moves faster; every call would else be a write. */
const NOTED_EVERY_MS = 5 * 60_000;
/** A difference that changed by so much is written at once. */
const MOVED_MS = 30_000;
/** A clock can be wrong by years; the column holds 24 days. */
const SKEW_MS_MAX = 2_000_000_000;
/** Pairings that a process remembers. */
const REMEMBERED_MAX = 10_000;

interface Noted {
  readonly atMs: number;
  readonly skewMs: number;
}

/** Per database, because one process may hold two cores in tests. */
const notedOf = new WeakMap<Database, Map<string, Noted>>();

/** How far the other clock is ahead: what it said, against ours in the middle between asking and hearing. null: it said nothing that is a time. Pure. */
export function skewOf(said: string | null | undefined, askedAt: Date, heardAt: Date): number | null {
  const theirs = Date.parse(said ?? "");
  if (Number.isNaN(theirs)) return null;
  const skewMs = Math.round(theirs - (askedAt.getTime() + heardAt.getTime()) / 2);
  return Math.max(-SKEW_MS_MAX, Math.min(SKEW_MS_MAX, skewMs));
}

/** Keeps how far a peer's clock is ahead, now and then. Never throws: it comes along with a call that is about something else. */
export async function noteClock(ctx: EngineContext, pairingId: string, skewMs: number): Promise<void> {
  const now = ctx.now();
  const noted = notedOf.get(ctx.db) ?? new Map<string, Noted>();
  notedOf.set(ctx.db, noted);
  const last = noted.get(pairingId);
  const isFresh = last && Math.abs(now.getTime() - last.atMs) < NOTED_EVERY_MS;
  if (isFresh && Math.abs(last.skewMs - skewMs) < MOVED_MS) return;
  if (noted.size >= REMEMBERED_MAX) noted.clear();
  noted.set(pairingId, { atMs: now.getTime(), skewMs });
  try {
    await ctx.db.prisma.$executeRaw`
      update pairing set clock_skew_ms = ${skewMs}, clock_compared_at = ${now} where id = ${pairingId}::uuid`;
  } catch (err) {
    noted.delete(pairingId);
    ctx.log.debug({ err, pairingId }, "a comparison of clocks could not be kept");
  }
}
