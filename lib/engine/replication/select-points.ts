import "server-only";
import type { EngineContext } from "@/lib/engine/context";
import { requireReplicatedAgent } from "@/lib/engine/image-sessions/find";
import {
  type PeerRecoveryPoint,
  POINTS_PER_ANSWER,
  type RecoveryPointRange,
  type SelectRangeInput,
} from "./peer-schemas";
import { hashPoints } from "./plan";
import { countPoints, type PointRange, type PointRow, readPoints } from "./points";

/** Images in one answer: about 20 MiB of JSON. A page that would hold more ends sooner. */
const IMAGES_PER_ANSWER = 50_000;

/**
 * Target: which points of an agent are here, oldest first, a page at a time. When the caller's expectation of the points up to
 * `toEpoch` is right, only those after it are listed, so that nothing-to-do is one short answer however much is stored.
 */
export const selectRecoveryPoints = (ctx: EngineContext, input: SelectRangeInput): Promise<RecoveryPointRange> =>
  selectRange(ctx, input, {});

/** The same; `onlyOnSource`: without points that the caller said it deleted. */
export async function selectRange(
  ctx: EngineContext,
  input: SelectRangeInput,
  { onlyOnSource = false }: Pick<PointRange, "onlyOnSource">,
): Promise<RecoveryPointRange> {
  const agent = await requireReplicatedAgent(ctx, input.agentId);
  const unchanged = await isExpected(ctx, input);
  const fromSequence = unchanged ? input.toEpoch + 1 : input.fromEpoch;
  const points = await readPoints(ctx.db, {
    agentId: agent.id,
    fromSequence,
    skip: input.skipCount,
    take: Math.min(input.maxCount, POINTS_PER_ANSWER),
    imagesMax: IMAGES_PER_ANSWER,
    onlyOnSource,
  });
  return {
    unchanged,
    total: await countPoints(ctx.db, { agentId: agent.id, fromSequence, onlyOnSource }),
    recoveryPoints: points.map((point) => toPeerPoint(point, agent.hostName)),
    replicationState: await answerWish(ctx, agent.id, agent.pairingId),
  };
}

/** Target: all points of an agent, the newest 10,000 of them. */
export async function listPeerRecoveryPoints(
  ctx: EngineContext,
  input: { agentId: string },
): Promise<{ recoveryPoints: PeerRecoveryPoint[] }> {
  const agent = await requireReplicatedAgent(ctx, input.agentId);
  const skip = Math.max(0, (await countPoints(ctx.db, { agentId: agent.id })) - POINTS_PER_ANSWER);
  const points = await readPoints(ctx.db, {
    agentId: agent.id,
    skip,
    take: POINTS_PER_ANSWER,
    imagesMax: IMAGES_PER_ANSWER,
  });
  return { recoveryPoints: points.map((point) => toPeerPoint(point, agent.hostName)) };
}

/** Target: how many points of an agent are complete here. */
export async function countPeerRecoveryPoints(ctx: EngineContext, input: { agentId: string }): Promise<number> {
  const agent = await requireReplicatedAgent(ctx, input.agentId);
  return countPoints(ctx.db, { agentId: agent.id });
}

async function isExpected(
  ctx: EngineContext,
  { agentId, fromEpoch, toEpoch, setHash }: SelectRangeInput,
): Promise<boolean> {
  if (setHash === undefined || toEpoch < fromEpoch) return false;
  // What the source has deleted and told us of, it does not expect here.
  const range = { agentId, fromSequence: fromEpoch, toSequence: toEpoch, onlyOnSource: true };
  return hashPoints(await readPoints(ctx.db, range)) === setHash;
}

/** A source that plans has come, which is all that "run now" on this side asks for. */
async function answerWish(ctx: EngineContext, agentId: string, pairingId: string): Promise<"Active" | "Paused"> {
  const session = await ctx.db.prisma.replicationSession.findUnique({
    where: { agentId_pairingId: { agentId, pairingId } },
  });
  if (session?.state === "paused" && session.pausedBy === "target") return "Paused";
  if (session?.nextRunAt)
    await ctx.db.prisma.replicationSession.update({ where: { id: session.id }, data: { nextRunAt: null } });
  return "Active";
}

function toPeerPoint(point: PointRow, agentHostName: string): PeerRecoveryPoint {
  return {
    id: point.id,
    agentId: point.agentId,
    agentHostName,
    epochNumber: point.sequence,
    timeStamp: point.createdAt.toISOString(),
    size: point.logicalBytes,
    status: "Complete",
    volumeImages: point.images.map(({ id, volumeId, volumeName, sizeBytes, manifestDigest }) => ({
      id,
      volumeId,
      volumeDisplayName: volumeName,
      size: sizeBytes,
      headerHash: manifestDigest,
      encryptionKeyId: "",
      hasExchangeMetadata: false,
      hasSqlServerMetadata: false,
    })),
  };
}
