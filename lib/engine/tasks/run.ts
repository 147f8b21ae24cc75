import "server-only";
import { withTransaction } from "@/lib/db/transaction";
import { reportDamage } from "@/lib/engine/alerts/report-damage";
import { captureAgent } from "@/lib/engine/capture/agent";
import { Counters } from "@/lib/engine/capture/counters";
import type { FileSource } from "@/lib/engine/capture/file-source";
import type { EngineContext } from "@/lib/engine/context";
import { emitEvent } from "@/lib/engine/events/emit";
import { restoreImage } from "@/lib/engine/restore/run";
import { endSeedDriveTask, runSeedDriveTask } from "@/lib/engine/seed-drives/run-task";
import { isRetryable, notFound, type TwincoreError, toTwincoreError } from "@/lib/errors";
import type { Prisma, Task } from "@/prisma/generated/client";
import { CaptureWork, RestoreWork, StreamWork } from "./input";
import { withTaskLock } from "./lock";
import { CancelRequested, ProgressWriter } from "./progress";

/** A capture or restore that fails for reasons that pass (database away, disk full) is tried again for so long. */
const RETRY_MS_MAX = 60 * 60 * 1000;

export interface RunTaskInput {
  taskId: string;
  /** Aborted when the worker stops: the task is put back. */
  signal: AbortSignal;
  /** Where captures read files; the machine's own when absent. */
  source?: FileSource;
}

/**
 * Runs a queued task, or one whose worker died, from its beginning: what was stored is found again. Resolves when the task
 * has ended, well or not; throws when it is to be run again.
 */
export function runTask(ctx: EngineContext, input: RunTaskInput): Promise<void> {
  return withTaskLock(ctx, input.taskId, async (lost) => {
    const task = await ctx.db.prisma.task.findUnique({ where: { id: input.taskId } });
    if (!task || (task.state !== "queued" && task.state !== "running")) return;
    if (StreamWork.safeParse(task.input).success) return;
    if (task.cancelRequestedAt) {
      await endSeedDriveTask(ctx, task, null);
      return endTask(ctx, task.id, { state: "cancelled", phase: "cancelled" });
    }
    await runOnce(ctx, task, { ...input, signal: AbortSignal.any([input.signal, lost]) });
  });
}

async function runOnce(ctx: EngineContext, task: Task, input: RunTaskInput): Promise<void> {
  const counters = new Counters("starting");
  await beginTask(ctx, task);
  const outcome = await followed(ctx, task.id, counters, input.signal, (signal) =>
    workOf(ctx, task, { ...input, signal }, counters),
  );
  if (!("error" in outcome)) {
    await endSeedDriveTask(ctx, task, null);
    return endTask(ctx, task.id, outcome);
  }
  const error = toTwincoreError(outcome.error);
  if (input.signal.aborted || mayRetry(ctx, task, error)) {
    await putBack(ctx, task.id, input.signal.aborted ? null : error);
    throw outcome.error;
  }
  if (error.code === "internal") ctx.log.error({ err: outcome.error, taskId: task.id }, "a task failed");
  if (error.code === "integrity" && task.kind === "restore" && task.recoveryPointId)
    await reportDamage(ctx, { recoveryPointId: task.recoveryPointId, by: "A restore", message: error.message });
  await endSeedDriveTask(ctx, task, error);
  await failTask(ctx, task.id, error);
}

async function workOf(ctx: EngineContext, task: Task, input: RunTaskInput, counters: Counters): Promise<TaskEnd> {
  switch (task.kind) {
    case "capture":
      return runCapture(ctx, task, input, counters);
    case "restore":
      return runRestore(ctx, task, input.signal, counters);
    case "export_seed_drive":
    case "consume_seed_drive": {
      const words = await runSeedDriveTask(ctx, task, { counters, signal: input.signal });
      return { state: "succeeded", phase: words };
    }
    default:
      return task.kind satisfies never;
  }
}

export interface TaskEnd {
  state: "succeeded" | "cancelled";
  phase: string;
  recoveryPointId?: string;
}

/** Runs work with its progress written to the task's row; a cancelled one is an outcome like another. */
export async function followed(
  ctx: EngineContext,
  taskId: string,
  counters: Counters,
  outer: AbortSignal,
  work: (signal: AbortSignal) => Promise<TaskEnd>,
): Promise<TaskEnd | { error: unknown }> {
  const cancel = new AbortController();
  const progress = new ProgressWriter(ctx, taskId, counters, (reason) => cancel.abort(reason));
  try {
    return await work(AbortSignal.any([outer, cancel.signal]));
  } catch (error) {
    if (cancel.signal.reason instanceof CancelRequested) return { state: "cancelled", phase: "cancelled" };
    return { error };
  } finally {
    await progress.end().catch(() => undefined);
  }
}

async function runCapture(ctx: EngineContext, task: Task, input: RunTaskInput, counters: Counters): Promise<TaskEnd> {
  const { recoveryPointId, volumes, ...reason } = CaptureWork.parse(task.input);
  const { signal, source } = input;
  await captureAgent(ctx, { agentId: agentOf(task), recoveryPointId, volumes, ...reason, counters, signal, source });
  return { state: "succeeded", phase: "done", recoveryPointId };
}

async function runRestore(ctx: EngineContext, task: Task, signal: AbortSignal, counters: Counters): Promise<TaskEnd> {
  const work = RestoreWork.parse(task.input);
  const issues = await restoreImage(ctx, { ...work, taskId: task.id, counters, signal });
  return { state: "succeeded", phase: issues === null ? "done" : `done; ${issues}` };
}

function agentOf(task: Task): string {
  if (task.agentId === null) throw notFound("agent");
  return task.agentId;
}

/** A full quota is a decision of people: it is told at once, and the schedule's next capture tries again. */
const mayRetry = (ctx: EngineContext, task: Task, error: TwincoreError): boolean =>
  isRetryable(error) &&
  error.code !== "internal" &&
  error.options.detail !== "quota" &&
  ctx.now().getTime() - task.createdAt.getTime() < RETRY_MS_MAX;

function beginTask(ctx: EngineContext, task: Task): Promise<void> {
  return updateTask(ctx, task.id, { state: "running", startedAt: task.startedAt ?? ctx.now(), phase: "starting" });
}

export function endTask(ctx: EngineContext, id: string, end: TaskEnd): Promise<void> {
  return updateTask(ctx, id, { ...end, endedAt: ctx.now(), failureCode: null, failureMessage: null });
}

export function failTask(ctx: EngineContext, id: string, error: TwincoreError): Promise<void> {
  const failure = { failureCode: error.code, failureMessage: error.message };
  return updateTask(ctx, id, { state: "failed", phase: "failed", endedAt: ctx.now(), ...failure });
}

/** It will be run again. The database may be what is missing: then the row stays as it is, which is as good. */
async function putBack(ctx: EngineContext, id: string, error: TwincoreError | null): Promise<void> {
  const failure = { failureCode: error?.code ?? null, failureMessage: error?.message ?? null };
  await updateTask(ctx, id, { state: "queued", phase: "waiting to be tried again", ...failure }).catch((failed) =>
    ctx.log.warn({ error: String(failed), taskId: id }, "a task could not be put back"),
  );
}

function updateTask(ctx: EngineContext, id: string, data: Prisma.TaskUpdateInput): Promise<void> {
  return withTransaction(ctx.db, async (tx) => {
    await tx.task.update({ where: { id }, data: { ...data, updatedAt: ctx.now() } });
    await emitEvent(tx, "task", id);
  });
}
