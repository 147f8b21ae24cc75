import "server-only";
import type { Database } from "@/lib/db/client";
import type { Log } from "@/lib/log";
import { Sender } from "./sender";
import type { JobQueue } from "./types";
import { QueueWorker } from "./worker";

export type { JobCall, JobQueue, QueueJob } from "./types";

/**
 * The job queue of one process. Jobs are rows in Postgres: they outlive every process, and one whose worker was killed is
 * begun again by another within 15 seconds. A job may thus run more than once, and must be able to.
 * `enqueue` throws `unavailable` when the database does not answer.
 */
export function createQueue(db: Pick<Database, "url">, log: Log): JobQueue {
  const sender = new Sender(db.url, log);
  let worker: QueueWorker | null = null;
  return {
    enqueue: sender.enqueue,
    work: async (jobs) => {
      worker = new QueueWorker(db.url, log);
      await worker.start(jobs);
    },
    stop: async () => {
      await worker?.stop();
      await sender.stop();
    },
  };
}
