import "server-only";
import type { Tx } from "@/lib/db/client";
import { withTransaction } from "@/lib/db/transaction";
import { assertCapturable, withLeadPairing } from "@/lib/engine/agents/led";
import { writeAudit } from "@/lib/engine/audit";
import { assertReadable } from "@/lib/engine/capture/check-path";
import type { EngineContext } from "@/lib/engine/context";
import { emitEvent } from "@/lib/engine/events/emit";
import { newPackId as newId } from "@/lib/engine/packs/pack-id";
import { conflict, invalidInput, notFound } from "@/lib/errors";
import { toTaskReport, withAgent } from "./convert";
import { type CaptureWork, StreamWork } from "./input";
import type { StartCaptureInput, TaskReport } from "./schemas";

/** Why a policy captures, and what else belongs into the transaction that queues the capture; what that throws undoes it. */
export interface PolicyCapture {
  readonly origin: "scheduled" | "replication";
  readonly snapshotRuleId?: string;
  readonly alongside: (tx: Tx) => Promise<void>;
}

/**
 * Queues a capture of an agent's volumes (streams excepted: they are sent). While one is queued or running the answer is that
 * one. Throws `invalid_input` when there is nothing to read or a path cannot be read, before anything begins.
 */
export function startCapture(ctx: EngineContext, input: StartCaptureInput): Promise<TaskReport> {
  return queueCapture(ctx, input);
}

/** The same because a policy asks for it: the point carries the reason. */
export function startPolicyCapture(
  ctx: EngineContext,
  input: StartCaptureInput,
  policy: PolicyCapture,
): Promise<TaskReport> {
  return queueCapture(ctx, input, policy);
}

async function queueCapture(ctx: EngineContext, input: StartCaptureInput, policy?: PolicyCapture): Promise<TaskReport> {
  const volumeIds = await volumesToCapture(ctx, input);
  const now = ctx.now().getTime();
  const work: CaptureWork = {
    recoveryPointId: newId(now),
    volumes: volumeIds.map((volumeId) => ({ volumeId, imageId: newId(now) })),
    ...(policy ? { origin: policy.origin, snapshotRuleId: policy.snapshotRuleId } : {}),
  };
  const task = await withTransaction(ctx.db, async (tx) => {
    // Two clicks at once must find each other.
    await tx.$executeRaw`select pg_advisory_xact_lock(hashtextextended(${`capture:${input.agentId}`}, 0))`;
    await policy?.alongside(tx);
    const unfinished = await tx.task.findMany({
      where: { agentId: input.agentId, kind: "capture", state: { in: ["queued", "running"] } },
      include: withAgent,
    });
    const queued = unfinished.find((task) => !StreamWork.safeParse(task.input).success);
    if (queued) return queued;
    const made = await tx.task.create({
      data: { id: newId(now), kind: "capture", agentId: input.agentId, input: work, createdAt: ctx.now() },
      include: withAgent,
    });
    await writeAudit(tx, ctx, "capture.start", input.agentId, { taskId: made.id });
    await emitEvent(tx, "task", made.id);
    return made;
  });
  // Also for one that was there: if its job was lost between the row and the queue, this brings it back.
  await ctx.enqueue("run-task", { taskId: task.id }, { key: task.id });
  return toTaskReport(task);
}

async function volumesToCapture(ctx: EngineContext, input: StartCaptureInput): Promise<string[]> {
  const agent = await ctx.db.prisma.agent.findUnique({
    where: { id: input.agentId },
    include: { volumes: { where: { removedAt: null } }, ...withLeadPairing },
  });
  if (!agent) throw notFound("agent");
  await assertCapturable(ctx.db.prisma, agent);
  if (agent.kind === "set_aside")
    throw conflict(`${agent.name} keeps recovery points that were set aside; nothing is captured into it.`);
  if (agent.deletionAskedAt) throw conflict(`${agent.name} is being deleted with its recovery points.`);
  const wanted = new Set(input.volumeIds ?? agent.volumes.filter(({ kind }) => kind !== "stream").map(({ id }) => id));
  const volumes = agent.volumes.filter(({ id }) => wanted.has(id));
  if (volumes.length < wanted.size) throw notFound("volume of this agent");
  if (volumes.length === 0) throw invalidInput(`${agent.name} has no folder and no disk image. Add a volume first.`);
  for (const volume of volumes) {
    if (volume.kind === "stream" || volume.path === null)
      throw invalidInput(`The volume ${volume.name} is a stream: send its bytes instead.`);
    await assertReadable(ctx, { kind: volume.kind, path: volume.path });
  }
  return volumes.map(({ id }) => id);
}
