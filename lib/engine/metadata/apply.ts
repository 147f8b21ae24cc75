import "server-only";
import type { Tx } from "@/lib/db/client";
import { withTransaction } from "@/lib/db/transaction";
import { writeAudit } from "@/lib/engine/audit";
import type { EngineContext } from "@/lib/engine/context";
import { emitEvent } from "@/lib/engine/events/emit";
import { type ErrorCode, toTwincoreError } from "@/lib/errors";
import type { MetadataUpdate } from "@/prisma/generated/client";
import { itemsOf, KeptRequest } from "./items";
import { lockAgent } from "./lock";
import { takeDeletions, takePoints } from "./take-points";
import { takePolicies } from "./take-policies";
import { takeVolumes } from "./take-volumes";

/** Points of one transaction: some milliseconds, so that a cancellation is heard soon. */
const ITEMS_PER_BATCH = 250;
/** What is over by itself: the update goes on where it is. */
export const PASSING: ReadonlySet<ErrorCode> = new Set(["unavailable", "storage_full"]);

/**
 * Takes over a kept request, batch by batch, from where it stands: a killed worker's work goes on, and a batch is done once. Ends
 * silently when the update was cancelled. What cannot be taken over is kept in the update, and thrown.
 */
export async function applyMetadataUpdate(ctx: EngineContext, id: string, signal?: AbortSignal): Promise<void> {
  try {
    while (await withTransaction(ctx.db, (tx) => applyBatch(tx, ctx, id))) signal?.throwIfAborted();
  } catch (thrown) {
    const { code, message } = toTwincoreError(thrown);
    if (signal?.aborted || PASSING.has(code)) throw thrown;
    await ctx.db.prisma.metadataUpdate.updateMany({
      where: { id, state: "running" },
      data: { state: "failed", failureMessage: message, request: {}, endedAt: ctx.now() },
    });
    throw thrown;
  }
}

/** Is there more to do? */
async function applyBatch(tx: Tx, ctx: EngineContext, id: string): Promise<boolean> {
  const known = await tx.metadataUpdate.findUnique({ where: { id }, select: { agentId: true } });
  if (!known) return false;
  await lockAgent(tx, known.agentId);
  const update = await tx.metadataUpdate.findUnique({ where: { id }, include: { agent: true } });
  if (update?.state !== "running") return false;
  if (update.agent.pairingId !== update.pairingId) {
    const failureMessage = "The agent does not belong to this pairing any more.";
    await tx.metadataUpdate.update({
      where: { id },
      data: { state: "cancelled", failureMessage, request: {}, endedAt: ctx.now() },
    });
    return false;
  }
  const request = KeptRequest.parse(update.request);
  const itemsDone = await takeSome(tx, ctx, update, request);
  const ended = itemsDone >= update.itemsTotal;
  const end = ended ? { state: "succeeded" as const, request: {}, endedAt: ctx.now() } : {};
  await tx.metadataUpdate.update({ where: { id }, data: { itemsDone, ...end } });
  if (ended) await writeAudit(tx, ctx, "agent.metadata", update.agentId, { items: update.itemsTotal });
  return !ended;
}

/** Takes the next items over; gives how many are done after them. */
async function takeSome(tx: Tx, ctx: EngineContext, update: MetadataUpdate, request: KeptRequest): Promise<number> {
  const { agentId, itemsDone } = update;
  const { ofAgent, points, deletions } = itemsOf(request);
  if (itemsDone < ofAgent) {
    await takeAgent(tx, ctx, update, request);
    return ofAgent;
  }
  const at = itemsDone - ofAgent;
  const some = points.slice(at, at + ITEMS_PER_BATCH);
  if (some.length > 0) {
    await takePoints(tx, agentId, some);
    return itemsDone + some.length;
  }
  const ids = deletions.slice(at - points.length, at - points.length + ITEMS_PER_BATCH);
  await takeDeletions(tx, agentId, ids, ctx.now());
  return itemsDone + ids.length;
}

async function takeAgent(
  tx: Tx,
  ctx: EngineContext,
  { agentId, pairingId }: Pick<MetadataUpdate, "agentId" | "pairingId">,
  request: KeptRequest,
): Promise<void> {
  const { displayName, hostName, labels, description, isSingleVolume, volumes, rpoSeconds } = request;
  const policies = request.policies?.map(({ id, name, summary }) => ({ id, name, summary }));
  await tx.agent.update({
    where: { id: agentId },
    data: { name: displayName, hostName, labels, description, isSingleVolume, policies, metadataAt: ctx.now() },
  });
  if (volumes) await takeVolumes(tx, agentId, volumes);
  if (request.policies) await takePolicies(tx, { agentId, pairingId }, request.policies);
  if (rpoSeconds !== undefined)
    await tx.replicationSession.updateMany({ where: { agentId, pairingId, side: "target" }, data: { rpoSeconds } });
  await emitEvent(tx, "agent", agentId);
}
