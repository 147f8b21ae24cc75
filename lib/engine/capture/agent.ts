import "server-only";
import type { EngineContext } from "@/lib/engine/context";
import { discardManifest } from "@/lib/engine/manifests";
import { CaptureRoom } from "@/lib/engine/quotas";
import { ensureDomain } from "@/lib/engine/repositories/open";
import { notFound, TwincoreError } from "@/lib/errors";
import { commitCapture } from "./commit";
import type { Counters } from "./counters";
import { type FileSource, systemFiles } from "./file-source";
import { SkippedList } from "./skipped";
import { type CapturedImage, type CaptureRun, captureVolume, type EarlierImage, type VolumeToCapture } from "./volume";

export interface CaptureAgentInput {
  agentId: string;
  /** Chosen beforehand, so that a capture that is run twice makes one recovery point. */
  recoveryPointId: string;
  volumes: { volumeId: string; imageId: string }[];
  /** Absent: a person or a script asked for it. */
  origin?: "scheduled" | "replication";
  snapshotRuleId?: string;
  counters: Counters;
  signal: AbortSignal;
  /** Where files are read; the machine's own when absent. */
  source?: FileSource;
}

/**
 * Captures volumes of an agent as one recovery point. May be run again after it was killed anywhere: what was stored is
 * found by its content, and the point exists once. Throws what makes a recovery point impossible; single files do not.
 */
export async function captureAgent(ctx: EngineContext, input: CaptureAgentInput): Promise<void> {
  const found = await ctx.db.prisma.recoveryPoint.findUnique({ where: { id: input.recoveryPointId } });
  if (found) return;
  try {
    await captureOnce(ctx, input, true);
  } catch (error) {
    // Damage in the previous image, or records of it that are gone, must not stop captures for ever.
    if (!(error instanceof TwincoreError) || error.code !== "integrity") throw error;
    ctx.log.warn({ error: error.message, agentId: input.agentId }, "capturing again without the previous image");
    await captureOnce(ctx, input, false);
  }
}

async function captureOnce(ctx: EngineContext, input: CaptureAgentInput, usePrevious: boolean): Promise<void> {
  const agent = await ctx.db.prisma.agent.findUnique({ where: { id: input.agentId }, include: { volumes: true } });
  if (!agent) throw notFound("agent");
  const { counters, signal } = input;
  const createdAt = ctx.now();
  const domain = await ensureDomain(ctx, agent);
  const source = input.source ?? systemFiles;
  const room = new CaptureRoom(ctx, { agentId: agent.id, tenantId: agent.tenantId }, input.recoveryPointId);
  // Of a run that was killed.
  await room.release();
  const run: CaptureRun = { domain, source, counters, signal, room, skipped: new SkippedList() };
  const discard = () =>
    Promise.all(input.volumes.map(({ imageId }) => discardManifest(ctx, domain, imageId))).then(() => undefined);
  // Of a run that was killed.
  await discard();
  try {
    const images: CapturedImage[] = [];
    for (const { volumeId, imageId } of input.volumes) {
      const volume = agent.volumes.find((candidate) => candidate.id === volumeId);
      if (!volume) throw notFound("volume");
      counters.phase = `capturing ${volume.name}`;
      const earlier = usePrevious ? await earlierImage(ctx, volume, domain.repositoryId) : null;
      images.push(await captureVolume(ctx, run, volume, imageId, earlier));
    }
    counters.phase = "committing";
    signal.throwIfAborted();
    const { origin, snapshotRuleId } = input;
    await commitCapture(ctx, {
      id: input.recoveryPointId,
      origin,
      snapshotRuleId,
      agent,
      createdAt,
      images,
      skipped: run.skipped,
    });
  } catch (error) {
    await room.release();
    await discard().catch((failure) => ctx.log.warn({ error: String(failure) }, "a manifest could not be removed"));
    throw error;
  }
}

async function earlierImage(
  ctx: EngineContext,
  volume: VolumeToCapture,
  repositoryId: string,
): Promise<EarlierImage | null> {
  const found = await ctx.db.prisma.volumeImage.findFirst({
    where: { volumeId: volume.id, kind: "folder", recoveryPoint: { repositoryId, lostAt: null } },
    orderBy: { recoveryPoint: { sequence: "desc" } },
    select: { id: true, recoveryPoint: { select: { createdAt: true } } },
  });
  return found && { imageId: found.id, capturedAt: found.recoveryPoint.createdAt };
}
