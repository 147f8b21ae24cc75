import { openDatabase } from "@/lib/db/client";
import type { EngineContext } from "@/lib/engine/context";
import { runReplication } from "@/lib/engine/replication";
import { startWorker } from "@/lib/jobs/worker";
import { log } from "@/lib/log";
import { inProcessTarget } from "../replication/in-process-target";

/** A real worker process that fetches from a core in the same process. It says what it receives. */
const secret = Buffer.alloc(32);
const say = (message: object) => process.send?.(message);
const peer: EngineContext = {
  actor: { kind: "peer", pairingId: process.env.TARGET_PAIRING_ID ?? "", name: "source" },
  db: openDatabase(process.env.TARGET_DATABASE_URL ?? ""),
  enqueue: async () => undefined,
  log,
  now: () => new Date(),
  secret,
};

const worker = await startWorker({
  db: openDatabase(process.env.DATABASE_URL ?? ""),
  secret,
  coreId: "test",
  log,
  table: {
    "run-replication": {
      ...(await import("@/lib/jobs")).jobs["run-replication"],
      handler:
        async () =>
        (ctx, { sessionId }, { signal, owner }) =>
          runReplication(ctx, {
            sessionId,
            signal,
            owner,
            connect: async (_pairingId, hooks) =>
              inProcessTarget(peer, {
                ...hooks,
                onBytes: (sent, received) => {
                  say({ received });
                  hooks.onBytes?.(sent, received);
                },
              }),
          }),
    },
  },
});
process.on("SIGTERM", () => worker.stop().then(() => process.exit(0)));
say({ ready: true });
