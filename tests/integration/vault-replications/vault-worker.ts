import { openDatabase } from "@/lib/db/client";
import { runReplication } from "@/lib/engine/replication";
import { jobs } from "@/lib/jobs";
import { connectTarget } from "@/lib/jobs/connect-target";
import { startWorker } from "@/lib/jobs/worker";
import { log } from "@/lib/log";

/** A real worker process of a source core, whose target is another core over TLS. */
const worker = await startWorker({
  db: openDatabase(process.env.DATABASE_URL ?? ""),
  secret: Buffer.from(process.env.CORE_SECRET ?? "", "hex"),
  coreId: "test",
  log,
  table: {
    "run-replication": {
      ...jobs["run-replication"],
      handler:
        async () =>
        (ctx, { sessionId }, { signal, owner }) =>
          runReplication(ctx, { sessionId, signal, owner, connect: connectTarget(ctx) }),
    },
  },
});
process.on("SIGTERM", () => worker.stop().then(() => process.exit(0)));
process.send?.({ ready: true });
