import type { ConstructorOptions, Queue } from "pg-boss";

/**
 * How every queue is made, whoever uses it first.
 * exclusive: at most one job of a key is queued or running. heartbeat: the least that the library takes; a worker that was
 * killed is noticed that many seconds after its last sign of life, so that another one has its job within 15 seconds.
 */
export const QUEUE: Omit<Queue, "name"> = {
  policy: "exclusive",
  notify: true,
  heartbeatSeconds: 10,
  retryDelay: 0,
  retryBackoff: false,
  // Finished jobs are of no use: what a person wants to know about is in the tables of its noun.
  deleteAfterSeconds: 3600,
};

/** Signs of life of a running job: three may be lost before it counts as dead. */
export const HEARTBEAT_REFRESH_SECONDS = 3;
/** Beside LISTEN: what a lost notification or the retry of a dead worker's job may cost. */
export const POLL_SECONDS = 1;
/** How long a stopping worker waits for its jobs to let go. */
export const STOP_MS = 10_000;

/** Connections of a process that only asks for work. */
export const SENDER: ConstructorOptions = {
  max: 2,
  schedule: false,
  supervise: false,
  connectionTimeoutMillis: 10_000,
};

export const WORKER: ConstructorOptions = {
  max: 4,
  useListenNotify: true,
  // Each second somebody looks for jobs whose worker went silent.
  superviseIntervalSeconds: 1,
  monitorIntervalSeconds: 1,
  cronMonitorIntervalSeconds: 15,
  cronWorkerIntervalSeconds: 1,
  connectionTimeoutMillis: 10_000,
};
