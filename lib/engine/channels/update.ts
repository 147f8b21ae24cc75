import "server-only";
import type { Tx } from "@/lib/db/client";
import { withTransaction } from "@/lib/db/transaction";
import { writeAudit } from "@/lib/engine/audit";
import type { EngineContext } from "@/lib/engine/context";
import { skipWaiting } from "@/lib/engine/deliveries/skip";
import { emitEvent } from "@/lib/engine/events/emit";
import { seal } from "@/lib/engine/trust";
import { invalidInput, notFound } from "@/lib/errors";
import type { Channel as ChannelRow } from "@/prisma/generated/client";
import { sealedName, shownTargets, toChannel } from "./convert";
import { assertNameFree, assertReceiver, lockChannels } from "./internal";
import type { Channel, MadeChannel, UpdateChannelInput } from "./schemas";
import { makeSecret } from "./sign";

/** So long may a receiver take to learn a new secret. */
const OVERLAP_MS = 24 * 3600_000;

/**
 * Changes a channel; what is absent stays. Switching it on again forgets what its receiver said; switching it off lets go of what waits for
 * it. Throws not_found, conflict for a name that is taken, invalid_input for an address that webhooks must not go to.
 */
export function updateChannel(ctx: EngineContext, input: UpdateChannelInput): Promise<Channel> {
  return withTransaction(ctx.db, async (tx) => {
    const before = await getForUpdate(tx, input.id);
    const targets = targetsOf(before, input);
    const isInside = input.isInside ?? before.isInside;
    if (before.kind === "webhook") assertReceiver(targets[0] ?? "", isInside);
    if (input.name !== undefined) await assertNameFree(tx, input.name, before.id);
    const isFresh = input.enabled === true && (before.goneAt !== null || !before.enabled);
    const { name, enabled, authorityPem } = input;
    const row = await tx.channel.update({
      where: { id: before.id },
      data: {
        name,
        enabled,
        targets,
        ...(before.kind === "webhook" ? { isInside, authorityPem } : {}),
        ...(isFresh || enabled === false ? { goneAt: null, failingSince: null, lastError: "" } : {}),
      },
    });
    if (before.enabled && !row.enabled) await skipWaiting(tx, row.id, "The channel was switched off.");
    await writeAudit(tx, ctx, "channel.update", row.id, {
      name: row.name,
      enabled: row.enabled,
      targets: shownTargets(row),
    });
    await emitEvent(tx, "channel", row.id);
    return toChannel(row);
  });
}

function targetsOf(before: ChannelRow, { addresses, url }: UpdateChannelInput): string[] {
  if (before.kind === "email" && url !== undefined) throw invalidInput("A channel by e-mail has addresses, not a URL.");
  if (before.kind === "webhook" && addresses !== undefined)
    throw invalidInput("A webhook has a URL, not e-mail addresses.");
  if (before.kind === "email") return addresses ?? before.targets;
  return url === undefined ? before.targets : [url];
}

/**
 * Gives a webhook a new secret, which is shown this once. For a day it signs with the old one, too, so that its receiver may be told
 * without losing a message. Throws not_found, invalid_input for e-mail.
 */
export function renewChannelSecret(ctx: EngineContext, { id }: { id: string }): Promise<MadeChannel> {
  const secret = makeSecret();
  return withTransaction(ctx.db, async (tx) => {
    const before = await getForUpdate(tx, id);
    if (before.kind !== "webhook") throw invalidInput("Only webhooks have a secret.");
    const row = await tx.channel.update({
      where: { id },
      data: {
        sealedKey: seal(ctx.secret, sealedName(id), Buffer.from(secret)),
        previousKey: before.sealedKey,
        previousKeyUntil: new Date(ctx.now().getTime() + OVERLAP_MS),
      },
    });
    await writeAudit(tx, ctx, "channel.renew-secret", id, { name: row.name });
    await emitEvent(tx, "channel", id);
    return { ...toChannel(row), secret };
  });
}

/** Removes a channel with its rules; what waits for it is not sent, what was sent stays in the log. Throws not_found. */
export function deleteChannel(ctx: EngineContext, { id }: { id: string }): Promise<Record<string, never>> {
  return withTransaction(ctx.db, async (tx) => {
    const { name } = await getForUpdate(tx, id);
    await skipWaiting(tx, id, "The channel was removed.");
    await tx.channel.delete({ where: { id } });
    await writeAudit(tx, ctx, "channel.delete", id, { name });
    await emitEvent(tx, "channel", id);
    return {};
  });
}

async function getForUpdate(tx: Tx, id: string): Promise<ChannelRow> {
  await lockChannels(tx);
  await tx.$executeRaw`select from channel where id = ${id}::uuid for update`;
  const row = await tx.channel.findUnique({ where: { id } });
  if (!row) throw notFound("channel");
  return row;
}
