import "server-only";
import type { Tx } from "@/lib/db/client";
import { withTransaction } from "@/lib/db/transaction";
import type { EngineContext } from "@/lib/engine/context";
import { requireReplicatedAgent } from "@/lib/engine/image-sessions/find";
import { assertFollows } from "@/lib/engine/pull/lead";
import type { StartMetadataUpdateRequest } from "@/lib/engine/replication/peer-schemas";
import { conflict, invalidInput } from "@/lib/errors";
import { applyMetadataUpdate } from "./apply";
import { itemsOf } from "./items";
import { lockAgent } from "./lock";

/** Updates of one agent that are kept for its progress. */
const UPDATES_KEPT = 20;

/**
 * Target: takes over what the source says of an agent. It is done when this resolves. Nothing is ever removed by it. Throws
 * `not_found`, `invalid_input` for two volumes of one name, `conflict` when it was cancelled or a newer one came meanwhile.
 */
export async function startMetadataUpdate(ctx: EngineContext, input: StartMetadataUpdateRequest): Promise<void> {
  const id = await accept(ctx, input);
  await applyMetadataUpdate(ctx, id);
  const ended = await ctx.db.prisma.metadataUpdate.findUnique({ where: { id } });
  if (ended?.state === "cancelled")
    throw conflict(ended.failureMessage ?? "The metadata update was cancelled. What had been taken over stays.");
}

/** Target: the same by a job; `getMetadataUpdateProgress` tells how far it is. An older one that still waits is given up. */
export async function startMetadataUpdateJob(ctx: EngineContext, input: StartMetadataUpdateRequest): Promise<void> {
  await accept(ctx, input);
  // Lost with this process, it is asked for again by the sweep.
  await ctx.enqueue("update-metadata", { agentId: input.agentId }, { key: input.agentId });
}

/** Keeps the request. At most one update of an agent is running: the newest. */
async function accept(ctx: EngineContext, input: StartMetadataUpdateRequest): Promise<string> {
  const agent = await requireReplicatedAgent(ctx, input.agentId);
  await assertFollows(ctx.db.prisma, { agentId: agent.id, pairingId: agent.pairingId });
  const names = input.volumes?.map((volume) => volume.displayName) ?? [];
  if (new Set(names).size < names.length) throw invalidInput("Two volumes of an agent cannot have the same name.");
  const { agentId, ...request } = input;
  return withTransaction(ctx.db, async (tx) => {
    await lockAgent(tx, agentId);
    await tx.metadataUpdate.updateMany({
      where: { agentId, state: "running" },
      data: { state: "cancelled", failureMessage: "A newer update took its place.", request: {}, endedAt: ctx.now() },
    });
    const { id } = await tx.metadataUpdate.create({
      data: { pairingId: agent.pairingId, agentId, request, itemsTotal: itemsOf(request).total, createdAt: ctx.now() },
    });
    await prune(tx, agentId);
    return id;
  });
}

async function prune(tx: Tx, agentId: string): Promise<void> {
  await tx.$executeRaw`
    delete from metadata_update where agent_id = ${agentId}::uuid and id in (
      select id from metadata_update where agent_id = ${agentId}::uuid order by created_at desc, id desc offset ${UPDATES_KEPT}
    )`;
}
