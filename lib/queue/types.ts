import type { Enqueue } from "@/lib/engine/context";

export interface JobCall {
  /** Aborted when the worker stops or somebody else has taken the job over: let go, and throw. */
  readonly signal: AbortSignal;
  /** How often this job was begun before. */
  readonly attempt: number;
}

/** What a worker must know about a job; a cron expression (UTC) makes it run by the clock too. */
export interface QueueJob {
  readonly name: string;
  /** At most so many at once in one process. */
  readonly concurrency: number;
  /** Runs after the first one, when a run throws or its worker dies. */
  readonly retriesMax: number;
  /** Before a run that follows a failed one; doubled each time up to an hour when `backsOff`. */
  readonly retryDelaySeconds: number;
  readonly backsOff?: boolean;
  /** A run that takes longer is aborted and begun again. At most 24 hours. */
  readonly expireSeconds: number;
  readonly cron?: string;
  readonly run: (payload: unknown, call: JobCall) => Promise<void>;
}

export interface JobQueue {
  readonly enqueue: Enqueue;
  /** Begins to work on these jobs in this process. Call it once. */
  work(jobs: readonly QueueJob[]): Promise<void>;
  /** Tells running jobs to let go, waits for them within a bound, puts them back into the queue, closes connections. */
  stop(): Promise<void>;
}
