import { startWorker } from "@/lib/jobs/worker";
import { runRole } from "@/lib/runtime/run-role";

/** Jobs run several at once, each with a transaction of its own now and then. */
const CONNECTIONS_MAX = 10;

/** The role worker: runs jobs. */
runRole(async ({ db, env, settings, log }) => {
  const worker = await startWorker({ db, secret: env.secret, coreId: settings.coreId, log, home: env.home });
  return { stop: (signal) => withinTime(worker.stop(), signal) };
}, CONNECTIONS_MAX);

/** A job that does not come to an end in time is taken over by another worker, or by this one's next life. */
function withinTime(work: Promise<void>, signal: AbortSignal): Promise<void> {
  return Promise.race([
    work,
    new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true })),
  ]);
}
