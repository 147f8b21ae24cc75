import "server-only";
import type { EngineContext } from "@/lib/engine/context";
import { commitRecoveryPoint } from "@/lib/engine/recovery-points/commit";
import { TwincoreError } from "@/lib/errors";
import type { SkippedList } from "./skipped";
import type { CapturedImage } from "./volume";

/** Captures of one agent that end at the same moment take numbers in turn; so many at once is more than a core runs. */
const TRIES_MAX = 20;

export interface CommitCaptureInput {
  id: string;
  agent: { id: string; repositoryId: string; tenantId: string };
  createdAt: Date;
  images: CapturedImage[];
  skipped: SkippedList;
}

/** Makes captured images a recovery point with the agent's next sequence number, and sets replication going. */
export async function commitCapture(ctx: EngineContext, input: CommitCaptureInput): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await commitRecoveryPoint(ctx, await toCommit(ctx, input));
      break;
    } catch (error) {
      if (!(error instanceof TwincoreError) || error.code !== "conflict" || attempt === TRIES_MAX) throw error;
    }
  }
  await replicate(ctx, input.agent.id);
}

async function toCommit(ctx: EngineContext, { id, agent, createdAt, images, skipped }: CommitCaptureInput) {
  const newest = await ctx.db.prisma.recoveryPoint.aggregate({
    where: { agentId: agent.id },
    _max: { sequence: true },
  });
  return {
    id,
    agentId: agent.id,
    repositoryId: agent.repositoryId,
    tenantId: agent.tenantId,
    sequence: (newest._max.sequence ?? 0n) + 1n,
    createdAt,
    images: images.map(({ image }) => image),
    logicalBytes: images.reduce((sum, { image }) => sum + Number(image.sizeBytes), 0),
    storedBytes: images.reduce((sum, { storedBytes }) => sum + storedBytes, 0),
    skippedCount: skipped.count,
    skipped: skipped.first,
  };
}

/** The schedule would find the new point too; asking now keeps the lag small. */
async function replicate(ctx: EngineContext, agentId: string): Promise<void> {
  const sessions = await ctx.db.prisma.replicationSession.findMany({
    where: { agentId, side: "source", state: { notIn: ["paused", "ended"] } },
    select: { id: true },
  });
  for (const { id } of sessions) await ctx.enqueue("run-replication", { sessionId: id }, { key: id });
}
