import "server-only";
import type { EngineContext } from "@/lib/engine/context";
import { unseal } from "@/lib/engine/trust";
import type { Channel as ChannelRow } from "@/prisma/generated/client";
import type { Channel } from "./schemas";

/** A row as administrators see it: never a key. */
export function toChannel(row: ChannelRow): Channel {
  return {
    id: row.id,
    name: row.name,
    kind: row.kind,
    targets: row.targets,
    isInside: row.isInside,
    authorityPem: row.authorityPem,
    enabled: row.enabled,
    failingSince: row.failingSince?.toISOString() ?? null,
    lastError: row.lastError,
    goneAt: row.goneAt?.toISOString() ?? null,
    lastDeliveredAt: row.lastDeliveredAt?.toISOString() ?? null,
    previousSecretUntil: row.previousKeyUntil?.toISOString() ?? null,
    createdAt: row.createdAt.toISOString(),
  };
}

/** What a channel's key is sealed as. */
export const sealedName = (id: string): string => `channel:${id}`;

/** The secrets that it signs with at this moment, the newest first. */
export function secretsOf(ctx: EngineContext, row: ChannelRow): string[] {
  const stillOld = row.previousKeyUntil !== null && row.previousKeyUntil > ctx.now();
  return [row.sealedKey, stillOld ? row.previousKey : null].flatMap((sealed) =>
    sealed ? [unseal(ctx.secret, sealedName(row.id), sealed).toString()] : [],
  );
}

/** Whom it sends to, without what may be secret: a webhook's path often is. */
export function shownTargets({ kind, targets }: Pick<ChannelRow, "kind" | "targets">): string[] {
  return kind === "email" ? targets : targets.map((url) => new URL(url).origin);
}
