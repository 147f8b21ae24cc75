import "server-only";
import { randomUUID } from "node:crypto";
import type { Database } from "@/lib/db/client";
import type { EngineContext } from "@/lib/engine/context";
import { noteJobFailure, noteJobSuccess } from "@/lib/engine/job-failures";
import { listenToFailedOver, wakeDueSessions } from "@/lib/engine/sessions";
import type { Log } from "@/lib/log";
import { peerGateway } from "@/lib/peer/gateway";
import { createQueue, type JobQueue, type QueueJob } from "@/lib/queue";
import { jobs } from ".";
import type { JobName, JobRow, JobTable } from "./define";

/** Sessions wait five seconds at least; half of that is how late a try may be. */
const DUE_LOOK_MS = 2_500;
/** How late an alert may leave this core. */
const DELIVERIES_LOOK_MS = 5_000;

export interface WorkerInput {
  readonly db: Database;
  /** The key-encryption key. */
  readonly secret: Buffer;
  readonly coreId: string;
  readonly log: Log;
  /** Absolute folder of the core's own files. */
  readonly home?: string;
  /** For tests: other rows in place of some. */
  readonly table?: Partial<JobTable>;
}

/** Works on every job until it is stopped: running ones then let go of what they hold, and lie in the queue again. */
export async function startWorker(input: WorkerInput): Promise<{ stop(): Promise<void> }> {
  const queue = createQueue(input.db, input.log);
  const table: JobTable = { ...jobs, ...input.table };
  // The names are those of the table, so that each row fits its name.
  const names = Object.keys(table) as JobName[];
  await queue.work(names.map((name) => toQueueJob(name, table[name] as JobRow, input, queue)));
  const due = contextOf("due", input, queue);
  const looks = [
    lookEvery(DUE_LOOK_MS, due, wakeDueSessions),
    lookEvery(DUE_LOOK_MS, due, listenToFailedOver),
    lookEvery(DELIVERIES_LOOK_MS, due, async (ctx) => (await import("@/lib/engine/deliveries")).wakeDeliveries(ctx)),
    lookEvery(DUE_LOOK_MS, due, async (ctx) => (await import("@/lib/engine/capture-schedule")).captureDueAgents(ctx)),
  ];
  return {
    stop: async () => {
      await Promise.all(looks.map((stopLooking) => stopLooking()));
      await queue.stop();
    },
  };
}

function toQueueJob(name: JobName, row: JobRow, input: WorkerInput, queue: JobQueue): QueueJob {
  return {
    name,
    concurrency: row.concurrency,
    retriesMax: row.retriesMax,
    retryDelaySeconds: row.retryDelaySeconds,
    backsOff: row.backsOff,
    expireSeconds: row.expireSeconds,
    cron: row.cron,
    run: async (payload, call) => {
      const handler = await row.handler();
      const owner = `${input.coreId}/${process.pid}/${randomUUID()}`;
      const ctx = contextOf(name, input, queue);
      try {
        await handler(ctx, row.payload.parse(payload), { ...call, owner });
      } catch (thrown) {
        // One that lets go because the worker stops has not failed.
        if (!call.signal.aborted) await noteJobFailure(ctx, name, thrown);
        throw thrown;
      }
      // A job that the clock starts is always about the same: that it works now says that it works.
      if (row.cron && name !== "sweep") await noteJobSuccess(ctx, [name]);
    },
  };
}

function contextOf(name: string, { db, secret, log, home }: WorkerInput, queue: JobQueue): EngineContext {
  return {
    actor: { kind: "job", name },
    db,
    enqueue: queue.enqueue,
    log,
    now: () => new Date(),
    secret,
    home,
    peers: peerGateway,
  };
}

/** What a session or an agent waits for is a time in its row, which no lost job can lose. One look at a time. */
function lookEvery(
  everyMs: number,
  ctx: EngineContext,
  look: (ctx: EngineContext) => Promise<void>,
): () => Promise<void> {
  let looking: Promise<void> = Promise.resolve();
  let busy = false;
  const timer = setInterval(() => {
    if (busy) return;
    busy = true;
    looking = look(ctx)
      .catch((err: unknown) => ctx.log.warn({ err }, "cannot look for what is due"))
      .finally(() => {
        busy = false;
      });
  }, everyMs);
  return () => {
    clearInterval(timer);
    return looking;
  };
}
