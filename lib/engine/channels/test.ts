import "server-only";
import { withTransaction } from "@/lib/db/transaction";
import { writeAudit } from "@/lib/engine/audit";
import type { EngineContext } from "@/lib/engine/context";
import { recordAttempt } from "@/lib/engine/deliveries/record";
import type { RenderedMessage } from "@/lib/engine/deliveries/render";
import { sendMessage } from "@/lib/engine/deliveries/send";
import type { TestOutcome } from "@/lib/engine/mail";
import { notFound } from "@/lib/errors";
import { shownTargets } from "./convert";

/** Longer than an attempt may take: whoever still holds it then has died, and nobody takes a test over. */
const HELD_MS = 180_000;

/**
 * Sends a test by a channel now and answers what its receiver said; a refusal is an answer, not an error. It is in the log as every other
 * message, and is not tried again. Throws not_found.
 */
export async function testChannel(ctx: EngineContext, { id }: { id: string }): Promise<TestOutcome> {
  const channel = await ctx.db.prisma.channel.findUnique({ where: { id } });
  if (!channel) throw notFound("channel");
  const now = ctx.now();
  const core = await ctx.db.prisma.core.findFirstOrThrow();
  const delivery = await withTransaction(ctx.db, async (tx) => {
    await writeAudit(tx, ctx, "channel.test", id, { name: channel.name });
    return tx.delivery.create({
      data: {
        purpose: "test",
        event: "test",
        title: "A test",
        channelId: id,
        kind: channel.kind,
        targets: shownTargets(channel),
        state: "sending",
        attempts: 1,
        createdAt: now,
        dueAt: now,
        lastAttemptAt: now,
        nextAttemptAt: new Date(now.getTime() + HELD_MS),
      },
    });
  });
  const text = `This is a test of the channel “${channel.name}” of ${core.name}. Nothing is to be done.`;
  const message: RenderedMessage = {
    mail: { subject: `A test of ${core.name}`, text },
    webhook: { type: "test", timestamp: now.toISOString(), data: { core: { id: core.id, name: core.name }, text } },
  };
  const attempt = await sendMessage(ctx, channel, [delivery], message);
  await recordAttempt(ctx, { channel, deliveries: [delivery] }, { ...attempt, isFinal: true });
  return { ok: attempt.ok, words: attempt.words };
}
