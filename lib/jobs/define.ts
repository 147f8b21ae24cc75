import type { z } from "zod";
import type { EngineContext, JobPayloads } from "@/lib/engine/context";
import type { JobCall } from "@/lib/queue";

export type JobName = keyof JobPayloads;

export interface JobProcess extends JobCall {
  /** One name per attempt of a job in one process: who holds a lease. */
  readonly owner: string;
}

export type JobHandler<K extends JobName> = (
  ctx: EngineContext,
  payload: JobPayloads[K],
  call: JobProcess,
) => Promise<void>;

/** One job as data. The handler is loaded when it is first needed. */
export interface JobRow<K extends JobName = JobName> {
  readonly payload: z.ZodType<JobPayloads[K]>;
  /** At most so many at once in one worker process. */
  readonly concurrency: number;
  /** Runs after the first, when one throws or its worker dies. */
  readonly retriesMax: number;
  readonly retryDelaySeconds: number;
  readonly backsOff?: boolean;
  /** One that takes longer is aborted and begun again. */
  readonly expireSeconds: number;
  /** By the clock too (UTC), with an empty payload. */
  readonly cron?: string;
  readonly handler: () => Promise<JobHandler<K>>;
}

/** Every job there is: a payload without a row, or a row with another payload, does not compile. */
export type JobTable = { readonly [K in JobName]: JobRow<K> };
