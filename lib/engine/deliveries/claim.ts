import "server-only";
import type { Tx } from "@/lib/db/client";
import { withTransaction } from "@/lib/db/transaction";
import type { EngineContext } from "@/lib/engine/context";
import { SEND_MS_MAX } from "@/lib/engine/mail";
import type { Channel, Delivery } from "@/prisma/generated/client";
import { GROUPED } from "./render";

/** Longer than any attempt may take, rendering included: whoever still holds a message by then has died. */
const LEASE_MS = SEND_MS_MAX + 120_000;
/** What comes within this time of what is due goes along, so that a burst is one mail. */
export const BURST_MS = 30_000;
/** More alerts than anybody reads; the rest is the next mail. */
const GROUP_MAX = 1_000;

export interface Claimed {
  readonly channel: Channel | null;
  readonly deliveries: readonly Delivery[];
}

/**
 * Takes the next message that is due: one delivery, or those by e-mail that go out together. Of each channel one at a time and the oldest
 * first, so that receivers hear things in their order; while one waits for its next attempt, what came after it would meet the same. Whoever takes one and dies loses it when its lease has run out: it is then sent again,
 * perhaps for the second time, under the same id. null: nothing is due, or others have it.
 */
export function claimMessage(ctx: EngineContext): Promise<Claimed | null> {
  return withTransaction(ctx.db, async (tx) => (await claimOfChannel(tx, ctx)) ?? claimAlone(tx, ctx));
}

async function claimOfChannel(tx: Tx, ctx: EngineContext): Promise<Claimed | null> {
  const now = ctx.now();
  const [free] = await tx.$queryRaw<{ id: string }[]>`
    select c.id from channel c
    where c.enabled and exists (
      select from delivery d where d.channel_id = c.id and d.state in ('waiting', 'sending') and d.next_attempt_at <= ${now}
    ) and not exists (
      select from delivery d where d.channel_id = c.id and d.next_attempt_at > ${now}
        and (d.state = 'sending' or d.state = 'waiting' and d.attempts > 0)
    )
    order by c.last_delivered_at nulls first, c.id limit 1 for update of c skip locked`;
  if (!free) return null;
  // A statement of its own, because it must see what the one before waited for.
  const [first] = await tx.$queryRaw<{ id: string; kind: string; purpose: string }[]>`
    select d.id, d.kind::text as kind, d.purpose from delivery d
    where d.channel_id = ${free.id}::uuid and d.state in ('waiting', 'sending') and d.next_attempt_at <= ${now}
      and not exists (select from delivery o where o.channel_id = d.channel_id and o.state = 'sending' and o.next_attempt_at > ${now})
    order by d.created_at, d.id limit 1`;
  if (!first) return null;
  const isGroup = first.kind === "email" && GROUPED.some((purpose) => purpose === first.purpose);
  const soon = new Date(now.getTime() + (isGroup ? BURST_MS : 0));
  const rows = await tx.$queryRaw<{ id: string }[]>`
    update delivery set state = 'sending', attempts = attempts + 1, last_attempt_at = ${now}, next_attempt_at = ${leaseEnd(now)}
    where id in (
      select id from delivery where channel_id = ${free.id}::uuid and state in ('waiting', 'sending') and next_attempt_at <= ${soon}
        and purpose = ${first.purpose} and (${isGroup} or id = ${first.id}::uuid)
      order by created_at, id limit ${isGroup ? GROUP_MAX : 1}
    ) returning id`;
  const channel = await tx.channel.findUniqueOrThrow({ where: { id: free.id } });
  return { channel, deliveries: await read(tx, rows) };
}

/** Messages that go by no channel. */
async function claimAlone(tx: Tx, ctx: EngineContext): Promise<Claimed | null> {
  const now = ctx.now();
  const rows = await tx.$queryRaw<{ id: string }[]>`
    update delivery set state = 'sending', attempts = attempts + 1, last_attempt_at = ${now}, next_attempt_at = ${leaseEnd(now)}
    where id = (
      select id from delivery where channel_id is null and state in ('waiting', 'sending') and next_attempt_at <= ${now}
      order by next_attempt_at, id limit 1 for update skip locked
    ) returning id`;
  return rows.length === 0 ? null : { channel: null, deliveries: await read(tx, rows) };
}

const leaseEnd = (now: Date) => new Date(now.getTime() + LEASE_MS);

const read = (tx: Tx, rows: readonly { id: string }[]) =>
  tx.delivery.findMany({
    where: { id: { in: rows.map(({ id }) => id) } },
    orderBy: [{ createdAt: "asc" }, { id: "asc" }],
  });
