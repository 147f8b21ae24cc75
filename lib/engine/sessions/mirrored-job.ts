import "server-only";
import type { EngineContext } from "@/lib/engine/context";
import { notFound } from "@/lib/errors";
import type { RemoteJob } from "@/prisma/generated/client";
import type { JobPart, MirroredJob } from "./schemas";

/** What a page shows; the table itself keeps no more. */
const PARTS_MAX = 200;

/** Target: the source's job of the newest run of a session, with its parts. null on a source, and before the first run. Throws `not_found`. */
export async function getMirroredJob(ctx: EngineContext, { id }: { id: string }): Promise<{ job: MirroredJob | null }> {
  const { prisma } = ctx.db;
  if ((await prisma.replicationSession.count({ where: { id } })) === 0) throw notFound("replication session");
  const run = await prisma.run.findFirst({ where: { sessionId: id }, orderBy: { createdAt: "desc" } });
  const job = run && (await prisma.remoteJob.findFirst({ where: { runId: run.id, kind: "replication" } }));
  if (!job) return { job: null };
  const parts = await prisma.remoteJob.findMany({
    where: { parentId: job.id },
    orderBy: [{ createdAt: "desc" }, { id: "asc" }],
    take: PARTS_MAX,
  });
  return {
    job: {
      ...common(job),
      heardAt: job.heardAt.toISOString(),
      silentSince: job.silentSince?.toISOString() ?? null,
      parts: parts.map(toPart),
    },
  };
}

const toPart = (part: RemoteJob): JobPart => ({
  ...common(part),
  kind: part.kind === "metadata" ? "metadata" : "transfer",
});

const common = (job: RemoteJob) => ({
  id: job.id,
  summary: job.summary,
  status: job.status,
  failureMessage: job.failureMessage,
  startedAt: job.createdAt.toISOString(),
  endedAt: job.endedAt?.toISOString() ?? null,
});
