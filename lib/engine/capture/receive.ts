import "server-only";
import { setImmediate as nextTurn } from "node:timers/promises";
import { withTransaction } from "@/lib/db/transaction";
import { assertCapturable, withLeadPairing } from "@/lib/engine/agents/led";
import { writeAudit } from "@/lib/engine/audit";
import type { EngineContext } from "@/lib/engine/context";
import { emitEvent } from "@/lib/engine/events/emit";
import { discardManifest } from "@/lib/engine/manifests";
import { newPackId as newId } from "@/lib/engine/packs/pack-id";
import { CaptureRoom } from "@/lib/engine/quotas";
import { ensureDomain } from "@/lib/engine/repositories/open";
import { getTask } from "@/lib/engine/tasks/get";
import { endTask, failTask, followed, type TaskEnd } from "@/lib/engine/tasks/run";
import type { TaskReport } from "@/lib/engine/tasks/schemas";
import { conflict, notFound, TwincoreError, toTwincoreError } from "@/lib/errors";
import { commitCapture } from "./commit";
import { Counters } from "./counters";
import { systemFiles } from "./file-source";
import { SkippedList } from "./skipped";
import { captureVolumeStream, type VolumeToCapture } from "./volume";

export interface CaptureStreamInput {
  agentId: string;
  /** Made when the agent has no volume of this name yet. */
  volumeName: string;
  /** Aborted when the client goes away. */
  signal: AbortSignal;
}

interface StreamAgent {
  id: string;
  tenantId: string;
  repositoryId: string;
}

/**
 * Captures bytes as they are sent, of any length, without a copy elsewhere; a slow disk slows the sender. The answer is the
 * task, ended well, with its recovery point. A client that goes away leaves no recovery point. Throws `not_found`, `conflict`
 * for a name that another kind of volume has, and whatever kept the capture from being whole.
 */
export async function captureStream(
  ctx: EngineContext,
  input: CaptureStreamInput,
  body: AsyncIterable<Uint8Array>,
): Promise<TaskReport> {
  const agent = await ctx.db.prisma.agent.findUnique({ where: { id: input.agentId }, include: withLeadPairing });
  if (!agent) throw notFound("agent");
  await assertCapturable(ctx.db.prisma, agent);
  if (agent.kind === "set_aside")
    throw conflict(`${agent.name} keeps recovery points that were set aside; nothing is captured into it.`);
  if (agent.deletionAskedAt) throw conflict(`${agent.name} is being deleted with its recovery points.`);
  const volume = await streamVolume(ctx, agent.id, input.volumeName);
  const ids = { recoveryPointId: newId(ctx.now().getTime()), imageId: newId(ctx.now().getTime()) };
  const taskId = await beginStreamTask(ctx, agent.id, volume.id, ids);
  const counters = new Counters(`receiving ${volume.name}`);
  const outcome = await followed(ctx, taskId, counters, input.signal, (signal) =>
    receive(ctx, { agent, volume, ids, counters, signal, body }),
  );
  if (!("error" in outcome)) await endTask(ctx, taskId, outcome);
  else await failStream(ctx, taskId, input.signal.aborted ? clientGone(outcome.error) : outcome.error);
  return getTask(ctx, { id: taskId });
}

async function streamVolume(ctx: EngineContext, agentId: string, name: string): Promise<VolumeToCapture> {
  const where = { agentId_name: { agentId, name } };
  // Two first streams of one name may come at once.
  await ctx.db.prisma.volume.createMany({
    data: [{ id: newId(ctx.now().getTime()), agentId, name, kind: "stream" }],
    skipDuplicates: true,
  });
  const volume = await ctx.db.prisma.volume.findUniqueOrThrow({ where });
  if (volume.kind !== "stream")
    throw conflict(`The volume ${name} is a ${volume.kind}, not a stream. Send the bytes under another name.`);
  return volume;
}

function beginStreamTask(
  ctx: EngineContext,
  agentId: string,
  volumeId: string,
  ids: { recoveryPointId: string; imageId: string },
): Promise<string> {
  const now = ctx.now();
  const { recoveryPointId, imageId } = ids;
  return withTransaction(ctx.db, async (tx) => {
    const task = await tx.task.create({
      data: {
        id: newId(now.getTime()),
        kind: "capture",
        state: "running",
        agentId,
        input: { stream: true, recoveryPointId, volumes: [{ volumeId, imageId }] },
        createdAt: now,
        startedAt: now,
      },
    });
    await writeAudit(tx, ctx, "capture.start", agentId, { taskId: task.id, stream: true });
    await emitEvent(tx, "task", task.id);
    return task.id;
  });
}

async function receive(
  ctx: EngineContext,
  work: {
    agent: StreamAgent;
    volume: VolumeToCapture;
    ids: { recoveryPointId: string; imageId: string };
    counters: Counters;
    signal: AbortSignal;
    body: AsyncIterable<Uint8Array>;
  },
): Promise<TaskEnd> {
  const { agent, volume, ids, counters, signal } = work;
  const createdAt = ctx.now();
  const domain = await ensureDomain(ctx, agent);
  const skipped = new SkippedList();
  const room = new CaptureRoom(ctx, { agentId: agent.id, tenantId: agent.tenantId }, ids.recoveryPointId);
  const run = { domain, source: systemFiles, counters, signal, skipped, room };
  try {
    const image = await captureVolumeStream(ctx, run, volume, ids.imageId, untilAborted(work.body, signal));
    // The end of a body and the loss of its client may arrive together; the loss must win.
    await nextTurn();
    signal.throwIfAborted();
    counters.phase = "committing";
    await commitCapture(ctx, { id: ids.recoveryPointId, agent, createdAt, images: [image], skipped });
  } catch (error) {
    await room.release();
    await discardManifest(ctx, domain, ids.imageId).catch(() => undefined);
    throw error;
  }
  return { state: "succeeded", phase: "done", recoveryPointId: ids.recoveryPointId };
}

/** Ends at once when the signal does, though the sender may be silent. */
async function* untilAborted(body: AsyncIterable<Uint8Array>, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const source = body[Symbol.asyncIterator]();
  let stop: () => void = () => undefined;
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason);
    signal.addEventListener("abort", stop, { once: true });
  });
  aborted.catch(() => undefined);
  try {
    for (;;) {
      signal.throwIfAborted();
      const next = await Promise.race([source.next(), aborted]);
      if (next.done) return;
      yield next.value;
    }
  } finally {
    signal.removeEventListener("abort", stop);
    // Not awaited: a body that hangs in its read would never end.
    void Promise.resolve(source.return?.()).catch(() => undefined);
  }
}

const clientGone = (cause: unknown): TwincoreError =>
  new TwincoreError(
    "invalid_input",
    "The client went away before it had sent everything. Nothing was kept; send again.",
    {
      cause,
    },
  );

async function failStream(ctx: EngineContext, taskId: string, cause: unknown): Promise<never> {
  const error = toTwincoreError(cause);
  await failTask(ctx, taskId, error);
  throw cause instanceof TwincoreError ? cause : error;
}
