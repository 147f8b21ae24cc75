import "server-only";
import { type JobWithMetadata, PgBoss } from "pg-boss";
import type { Log } from "@/lib/log";
import { startBoss } from "./sender";
import { HEARTBEAT_REFRESH_SECONDS, POLL_SECONDS, QUEUE, STOP_MS, WORKER } from "./settings";
import type { QueueJob } from "./types";

/** The working side of the queue in one process. */
export class QueueWorker {
  private readonly boss: PgBoss;
  private readonly running = new Set<AbortController>();
  private stopping = false;

  constructor(
    url: string,
    private readonly log: Log,
  ) {
    this.boss = new PgBoss({ ...WORKER, connectionString: url });
  }

  async start(jobs: readonly QueueJob[]): Promise<void> {
    await startBoss(this.boss, this.log);
    for (const job of jobs) await this.startJob(job);
  }

  /** Order matters: no new jobs, then the running ones let go, fail, and so lie in the queue again for another worker. */
  async stop(): Promise<void> {
    this.stopping = true;
    for (const controller of this.running) controller.abort(new Error("the worker is stopping"));
    await this.boss.stop({ graceful: true, close: true, timeout: STOP_MS });
  }

  private async startJob(job: QueueJob): Promise<void> {
    await this.boss.createQueue(job.name, QUEUE);
    await this.boss.updateQueue(job.name, {
      retryLimit: job.retriesMax,
      retryDelay: job.retryDelaySeconds,
      retryBackoff: job.backsOff ?? false,
      expireInSeconds: job.expireSeconds,
    });
    if (job.cron) await this.boss.schedule(job.name, job.cron, {}, { tz: "UTC", singletonKey: "by the clock" });
    await this.boss.work(
      job.name,
      {
        localConcurrency: job.concurrency,
        pollingIntervalSeconds: POLL_SECONDS,
        notifyPollingIntervalSeconds: POLL_SECONDS,
        heartbeatRefreshSeconds: HEARTBEAT_REFRESH_SECONDS,
        includeMetadata: true,
      },
      async ([found]) => {
        if (found) await this.run(job, found);
      },
    );
  }

  private async run(job: QueueJob, found: JobWithMetadata<unknown>): Promise<void> {
    const controller = new AbortController();
    this.running.add(controller);
    // It may have been fetched while the worker was told to stop.
    if (this.stopping) controller.abort(new Error("the worker is stopping"));
    const signal = AbortSignal.any([controller.signal, found.signal]);
    try {
      signal.throwIfAborted();
      await job.run(found.data, { signal, attempt: found.retryCount });
    } catch (error) {
      if (signal.aborted) this.log.info({ job: job.name, id: found.id }, "a job was put back into the queue");
      else this.log.error({ job: job.name, id: found.id, attempt: found.retryCount, err: error }, "a job failed");
      throw error;
    } finally {
      this.running.delete(controller);
    }
  }
}
