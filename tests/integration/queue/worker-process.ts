import { log } from "@/lib/log";
import { createQueue } from "@/lib/queue";

/** A worker for tests: its one job says that it began, and ends only when it is told to let go. */
const queue = createQueue({ url: process.env.DATABASE_URL ?? "" }, log);
const say = (message: object) => process.send?.({ pid: process.pid, ...message });

await queue.work([
  {
    name: "run-task",
    concurrency: 1,
    retriesMax: 5,
    retryDelaySeconds: 0,
    expireSeconds: 600,
    run: async (payload, { signal, attempt }) => {
      say({ began: payload, attempt });
      await new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
    },
  },
]);
process.on("SIGTERM", () => queue.stop().then(() => process.exit(0)));
say({ ready: true });
