import "server-only";
import { randomUUID } from "node:crypto";
import type { Tx } from "@/lib/db/client";
import { withTransaction } from "@/lib/db/transaction";
import { writeAudit } from "@/lib/engine/audit";
import type { EngineContext } from "@/lib/engine/context";
import { emitEvent } from "@/lib/engine/events/emit";
import { seal } from "@/lib/engine/trust";
import { conflict } from "@/lib/errors";
import { sealedName, shownTargets, toChannel } from "./convert";
import { assertNameFree, assertReceiver, lockChannels } from "./internal";
import type { CreateChannelInput, MadeChannel } from "./schemas";
import { makeSecret } from "./sign";

/** Each alert is held against every rule and may go to every channel. */
const CHANNELS_MAX = 50;

/**
 * A new channel; a webhook's secret is shown this once. The first one gets a rule: warnings and worse, of everything. Throws conflict for
 * a name that is taken and beyond 50 channels, invalid_input for an address that webhooks must not go to.
 */
export async function createChannel(ctx: EngineContext, input: CreateChannelInput): Promise<MadeChannel> {
  const id = randomUUID();
  const secret = input.kind === "webhook" ? makeSecret() : null;
  const data =
    input.kind === "webhook"
      ? { targets: [input.url], isInside: input.isInside, authorityPem: input.authorityPem }
      : { targets: input.addresses };
  if (input.kind === "webhook") assertReceiver(input.url, input.isInside);
  return withTransaction(ctx.db, async (tx) => {
    await lockChannels(tx);
    const others = await tx.channel.count();
    if (others >= CHANNELS_MAX) throw conflict(`There are ${CHANNELS_MAX} channels. Remove one that is not used.`);
    await assertNameFree(tx, input.name);
    const sealedKey = secret ? seal(ctx.secret, sealedName(id), Buffer.from(secret)) : null;
    const row = await tx.channel.create({
      data: { id, kind: input.kind, name: input.name, ...data, sealedKey, createdAt: ctx.now() },
    });
    if (others === 0) await makeFirstRule(tx, ctx, id);
    await writeAudit(tx, ctx, "channel.create", id, { name: input.name, kind: input.kind, targets: shownTargets(row) });
    await emitEvent(tx, "channel", id);
    return { ...toChannel(row), secret };
  });
}

/** Without a rule nothing would be told, and whoever has just made a channel would not know. */
async function makeFirstRule(tx: Tx, ctx: EngineContext, channelId: string): Promise<void> {
  if ((await tx.alertRule.count()) > 0) return;
  await tx.alertRule.create({ data: { name: "Warnings and worse", channelId, createdAt: ctx.now() } });
}
