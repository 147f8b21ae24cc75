import "server-only";
import { createHash } from "node:crypto";
import type { Tx } from "@/lib/db/client";
import { withTransaction } from "@/lib/db/transaction";
import type { EngineContext } from "@/lib/engine/context";
import type { AuditResult, Prisma } from "@/prisma/generated/client";
import { insertEntries, type NewAuditEntry, toEntry } from "./write";

/** The same attempt by the same caller has one entry in this time; how many there were stands in a second one behind it. */
const WINDOW_SECONDS = 60;
/** Different attempts of one caller (an account, a pairing, an address) that have an entry each, a minute. */
const PER_CALLER = 30;
/** The same for all who have not signed in together, whatever number of addresses they have: about 50 MB of entries a day at most. */
const OF_NOBODY = 60;
/** Counters a sweep closes at once; the rest waits for the next one. */
const SWEEP_MAX = 1_000;

export interface Refusal {
  readonly action: string;
  /** What it was about: an id, the e-mail address that somebody gave. Never a secret. */
  readonly subject: string;
  readonly reason: string;
  /** "failed": allowed, and it did not work. */
  readonly result?: Exclude<AuditResult, "done">;
  readonly detail?: Prisma.InputJsonObject;
  /** true: who tried has not shown who it is. */
  readonly isNobody?: boolean;
  /** Attempts within this time count as one. */
  readonly windowSeconds?: number;
}

/**
 * Writes that somebody was refused or failed, in a transaction of its own, because there was no change. Repeats are counted, and at the end of
 * their minute become one entry with their number; so do attempts beyond what a caller, or all who are not signed in, have entries for. `ctx`
 * must have the whole database. Throws nothing: an attempt that cannot be written down is refused all the same, and logged.
 */
export async function recordRefusal(ctx: EngineContext, refusal: Refusal): Promise<void> {
  const entry = refusalEntry(ctx, refusal);
  try {
    await withTransaction(ctx.db, (tx) => count(tx, ctx.now(), entry, refusal));
  } catch (err) {
    ctx.log.error({ err, action: entry.action, result: entry.result }, "a refused attempt could not be written down");
  }
}

/** People read a thing in pieces, and again: one entry an hour, and one more with the number of the rest. */
const READ_SECONDS = 3600;

/**
 * Writes that somebody reads what is worth an entry, before the first byte is handed out. Throws when it cannot be written. `ctx` must have the
 * whole database.
 */
export async function recordRead(
  ctx: EngineContext,
  { action, subject, detail = {} }: Pick<Refusal, "action" | "subject" | "detail">,
): Promise<void> {
  const entry = toEntry(ctx, { action, subject, detail, reason: "", result: "done" });
  await withTransaction(ctx.db, async (tx) => {
    const same = { key: keyOf(entry), windowSeconds: READ_SECONDS, now: ctx.now(), entry, max: 1 };
    if (await take(tx, same)) await insertEntries(tx, [entry]);
  });
}

function refusalEntry(ctx: EngineContext, refusal: Refusal): NewAuditEntry {
  const { action, subject, reason, result = "refused", detail = {}, isNobody = false } = refusal;
  const entry = toEntry(ctx, { action, subject, detail, reason, result });
  return isNobody ? { ...entry, actor: "nobody", actorKind: "nobody", actorId: null } : entry;
}

async function count(tx: Tx, now: Date, entry: NewAuditEntry, { windowSeconds = WINDOW_SECONDS }: Refusal) {
  const same = await take(tx, { key: keyOf(entry), windowSeconds, now, entry, max: 1 });
  if (!same) return;
  const rest: NewAuditEntry = { ...entry, action: "attempt.more", subject: "", requestId: "", reason: "", detail: {} };
  const caller = entry.actorId ?? entry.address;
  const perCaller = { key: `caller:${caller}`, windowSeconds: WINDOW_SECONDS, now, entry: rest, max: PER_CALLER };
  if (!(await take(tx, perCaller))) return;
  const all = { ...perCaller, key: "nobody", entry: { ...rest, address: "" }, max: OF_NOBODY };
  if (entry.actorKind === "nobody" && !(await take(tx, all))) return;
  await insertEntries(tx, [entry]);
}

/** The same attempt: who, from where, what, about what, and why not. */
function keyOf(entry: NewAuditEntry): string {
  const said = [entry.actor, entry.actorId, entry.address, entry.door, entry.action, entry.subject, entry.result];
  return createHash("sha256")
    .update(JSON.stringify([...said, entry.reason, entry.detail]))
    .digest("hex");
}

interface Counter {
  key: string;
  windowSeconds: number;
  now: Date;
  /** What stands for those that are only counted. */
  entry: NewAuditEntry;
  max: number;
}

/** Counts one in the current window. Is it among the first `max`? */
async function take(tx: Tx, { key, windowSeconds, now, entry, max }: Counter): Promise<boolean> {
  await closeWindow(tx, now, key);
  const windowEnd = new Date(now.getTime() + windowSeconds * 1000);
  const [row] = await tx.$queryRaw<{ count: number }[]>`
    insert into audit_refusal (key, window_start, window_end, count, written, entry)
    values (${key}, ${now}, ${windowEnd}, 1, 1, ${JSON.stringify(entry)}::jsonb)
    on conflict (key) do update set count = audit_refusal.count + 1, written = least(audit_refusal.count + 1, ${max}::int)
    returning count`;
  return (row?.count ?? 1) <= max;
}

/** Ends the window of a key whose time is over; what was only counted becomes an entry. */
async function closeWindow(tx: Tx, now: Date, key: string): Promise<void> {
  const closed = await tx.$queryRaw<Closed[]>`
    delete from audit_refusal where key = ${key} and window_end <= ${now} returning count, written, entry, window_start as "from"`;
  await insertRest(tx, now, closed);
}

interface Closed {
  count: number;
  written: number;
  entry: NewAuditEntry;
  from: Date;
}

async function insertRest(tx: Tx, now: Date, closed: readonly Closed[]): Promise<void> {
  const counted = closed.filter(({ count, written }) => count > written);
  if (counted.length === 0) return;
  const entries = counted.map(({ count, written, entry, from }) => ({
    ...entry,
    at: now,
    detail: { ...(entry.detail as Prisma.InputJsonObject), times: count - written, since: from.toISOString() },
  }));
  await insertEntries(tx, entries);
}

/** Writes what was only counted, of windows that are over. Part of the sweep. */
export function sweepRefusals(ctx: EngineContext): Promise<void> {
  return withTransaction(ctx.db, async (tx) => {
    const closed = await tx.$queryRaw<Closed[]>`
      delete from audit_refusal where key in (
        select key from audit_refusal where window_end <= ${ctx.now()} order by window_end limit ${SWEEP_MAX} for update skip locked)
      returning count, written, entry, window_start as "from"`;
    await insertRest(tx, ctx.now(), closed);
  });
}
