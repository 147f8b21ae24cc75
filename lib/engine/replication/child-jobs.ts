import "server-only";
import type { z } from "zod";
import type { Tx } from "@/lib/db/client";
import type { EngineContext } from "@/lib/engine/context";
import { Prisma, type RemoteJob } from "@/prisma/generated/client";
import { CHILD_JOBS_KEPT, type ChildJob, JobStatus } from "./peer-schemas";

type Word = z.input<typeof ChildJob>;

const ENDED: readonly JobStatus[] = ["Succeeded", "Failed", "Canceled"];

/** Has a job of this status come to its end? */
export const hasEnded = (status: JobStatus): boolean => ENDED.includes(status);

/**
 * Takes over what the source said of the parts of a job, in two statements however many there are. Parts that are not told of
 * stay as they are; of many, the newest are kept. The caller holds the session's lock.
 */
export async function keepChildJobs(tx: Tx, ctx: EngineContext, job: RemoteJob, words: readonly Word[]): Promise<void> {
  // A part that is told twice in one word counts as it was said last.
  const newest = [...new Map(words.map((word) => [word.id, word])).values()];
  if (newest.length === 0) return;
  const rows = newest.map((word) => rowOf(ctx, job, word));
  await tx.$executeRaw`
    insert into remote_job (id, pairing_id, agent_id, run_id, kind, parent_id, master_id, status, summary,
      failure_message, failure_detail, heard_at, created_at, ended_at)
    values ${Prisma.join(rows)}
    on conflict (parent_id, master_id) do update set status = excluded.status, ended_at = excluded.ended_at,
      summary = case when excluded.summary = '' then remote_job.summary else excluded.summary end,
      failure_message = excluded.failure_message, failure_detail = excluded.failure_detail, heard_at = excluded.heard_at`;
  await tx.$executeRaw`
    delete from remote_job where id in (
      select id from remote_job where parent_id = ${job.id}::uuid order by created_at desc, id offset ${CHILD_JOBS_KEPT}
    )`;
}

function rowOf(ctx: EngineContext, job: RemoteJob, word: Word): Prisma.Sql {
  const now = ctx.now();
  const startedAt = word.startTime ? new Date(word.startTime) : now;
  const endedAt = hasEnded(word.status) ? (word.endTime ? new Date(word.endTime) : now) : null;
  const kind = word.kind === "Metadata" ? "metadata" : "transfer";
  const { message = null, detail = null } = word.failureReason ?? {};
  return Prisma.sql`(gen_random_uuid(), ${job.pairingId}::uuid, ${job.agentId}::uuid, ${job.runId}::uuid,
    ${kind}::remote_job_kind, ${job.id}::uuid, ${word.id}::uuid, ${word.status}, ${word.summary ?? ""},
    ${message}, ${detail}, ${now}, ${startedAt}, ${endedAt})`;
}

/** The parts of a mirrored job as both cores name them, the newest first. */
export async function listChildJobs(tx: Tx, jobId: string): Promise<ChildJob[]> {
  const rows = await tx.remoteJob.findMany({
    where: { parentId: jobId },
    orderBy: [{ createdAt: "desc" }, { id: "asc" }],
    take: CHILD_JOBS_KEPT,
  });
  return rows.map((row) => ({
    id: row.masterId ?? row.id,
    kind: row.kind === "metadata" ? "Metadata" : "Transfer",
    summary: row.summary,
    status: JobStatus.catch("Unknown").parse(row.status),
    startTime: row.createdAt.toISOString(),
    endTime: row.endedAt?.toISOString() ?? null,
    failureReason: row.failureMessage ? { message: row.failureMessage, detail: row.failureDetail ?? "" } : null,
  }));
}
