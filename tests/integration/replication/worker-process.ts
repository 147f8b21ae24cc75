import { openDatabase } from "@/lib/db/client";
import type { EngineContext } from "@/lib/engine/context";
import { runReplication } from "@/lib/engine/replication";
import { startWorker } from "@/lib/jobs/worker";
import { log } from "@/lib/log";
import { inProcessTarget } from "./in-process-target";

/** A real worker process, whose target is a core in the same process. It says what it sends. */
const db = openDatabase(process.env.DATABASE_URL ?? "");
const targetDb = openDatabase(process.env.TARGET_DATABASE_URL ?? "");
const secret = Buffer.alloc(32);
const say = (message: object) => process.send?.(message);
const peer: EngineContext = {
  actor: { kind: "peer", pairingId: process.env.TARGET_PAIRING_ID ?? "", name: "source" },
  db: targetDb,
  enqueue: async () => undefined,
  log,
  now: () => new Date(),
  secret,
};

const worker = await startWorker({
  db,
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
            preference: process.env.PREFERENCE === "direct" ? "direct" : "auto",
            connect: async (_pairingId, hooks) => {
              const target = inProcessTarget(peer, {
                ...hooks,
                onBytes: (sent, received) => {
                  say({ sent });
                  hooks.onBytes?.(sent, received);
                },
              });
              return {
                ...target,
                transfer: async (input, frames) => {
                  await target.transfer(input, frames);
                  say({ acknowledged: input.size });
                },
              };
            },
          }),
    },
  },
});
process.on("SIGTERM", () => worker.stop().then(() => process.exit(0)));
say({ ready: true });
