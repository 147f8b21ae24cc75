import "server-only";
import type { Tx } from "@/lib/db/client";
import { withTransaction } from "@/lib/db/transaction";
import { clearAlert, raiseAlert } from "@/lib/engine/alerts/raise";
import type { EngineContext } from "@/lib/engine/context";
import { emitEvent } from "@/lib/engine/events/emit";
import type { Channel, Delivery, DeliveryState } from "@/prisma/generated/client";
import { nextAttempt } from "./back-off";
import type { Claimed } from "./claim";
import type { Attempt } from "./send";
import { skipWaiting } from "./skip";

/** Writes what came of an attempt, and what it says of the channel. */
export function recordAttempt(ctx: EngineContext, { channel, deliveries }: Claimed, attempt: Attempt): Promise<void> {
  return withTransaction(ctx.db, async (tx) => {
    // In the order in which everybody locks: the channel, then what goes by it.
    if (channel) await tx.$executeRaw`select from channel where id = ${channel.id}::uuid for update`;
    await writeEnds(
      tx,
      deliveries.map((delivery) => endOf(ctx, delivery, attempt)),
      attempt,
    );
    if (channel && attempt.ok) await noteSuccess(tx, ctx, channel);
    if (channel && !attempt.ok) await noteFailure(tx, ctx, channel, attempt);
    await tellLog(tx, deliveries);
  });
}

/** Writes that these are not needed any more, each with its reason. */
export function recordSkipped(
  ctx: EngineContext,
  deliveries: readonly Delivery[],
  reasons: ReadonlyMap<string, string>,
): Promise<void> {
  return withTransaction(ctx.db, async (tx) => {
    const ends = deliveries.flatMap(({ id, attempts }) => {
      const words = reasons.get(id);
      return words === undefined ? [] : [{ id, attempts, state: "skipped" as const, next: null, at: null, words }];
    });
    await writeEnds(tx, ends, null);
    await tellLog(tx, deliveries);
  });
}

interface End {
  readonly id: string;
  readonly attempts: number;
  readonly state: DeliveryState;
  readonly next: Date | null;
  readonly at: Date | null;
  readonly words: string;
}

function endOf(ctx: EngineContext, { id, attempts, dueAt }: Delivery, attempt: Attempt): End {
  const now = ctx.now();
  const { words } = attempt;
  if (attempt.ok) return { id, attempts, state: "delivered", next: null, at: now, words };
  const next = attempt.isFinal ? null : nextAttempt(attempts, dueAt, now);
  return { id, attempts, state: next ? "waiting" : "failed", next, at: null, words };
}

/** In one statement. Whoever took longer than the lease finds that somebody else holds it: then theirs counts. */
async function writeEnds(tx: Tx, ends: readonly End[], attempt: Attempt | null): Promise<void> {
  await tx.$executeRaw`
    update delivery d set state = e.state::delivery_state, last_error = e.words, delivered_at = e.at,
      next_attempt_at = coalesce(e.next, d.next_attempt_at), response_status = ${attempt?.status ?? null}::int,
      targets = coalesce(${attempt ? [...attempt.targets] : null}::text[], d.targets)
    from jsonb_to_recordset(${JSON.stringify(ends)}::jsonb)
      as e(id uuid, attempts int, state text, next timestamptz, at timestamptz, words text)
    where d.id = e.id and d.state = 'sending' and d.attempts = e.attempts`;
}

async function noteSuccess(tx: Tx, ctx: EngineContext, channel: Channel): Promise<void> {
  const data = { failingSince: null, lastError: "", lastDeliveredAt: ctx.now() };
  await tx.channel.updateMany({ where: { id: channel.id }, data });
  await clearAlert(tx, ctx, { kind: "channel-failing", subjectId: channel.id });
  await emitEvent(tx, "channel", channel.id);
}

async function noteFailure(tx: Tx, ctx: EngineContext, channel: Channel, attempt: Attempt): Promise<void> {
  const now = ctx.now();
  const gone = attempt.isGone ? { enabled: false, goneAt: now } : {};
  const data = { lastError: attempt.words, failingSince: channel.failingSince ?? now, ...gone };
  await tx.channel.updateMany({ where: { id: channel.id }, data });
  await emitEvent(tx, "channel", channel.id);
  if (attempt.isGone) await switchOff(tx, ctx, channel, attempt.words);
}

async function switchOff(tx: Tx, ctx: EngineContext, channel: Channel, words: string): Promise<void> {
  await skipWaiting(tx, channel.id, "The channel was switched off: its receiver says that it is gone for good.");
  await raiseAlert(tx, ctx, {
    kind: "channel-failing",
    severity: "warning",
    subjectKind: "channel",
    subjectId: channel.id,
    title: `The channel ${channel.name} was switched off`,
    detail: `Its receiver says that it is gone for good. ${words}`,
  });
}

async function tellLog(tx: Tx, deliveries: readonly Delivery[]): Promise<void> {
  const [first] = deliveries;
  if (first) await emitEvent(tx, "delivery", first.id);
}
