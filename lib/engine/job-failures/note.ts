import "server-only";
import { createHash } from "node:crypto";
import type { EngineContext } from "@/lib/engine/context";
import { toTwincoreError } from "@/lib/errors";

const MESSAGE_MAX = 300;

/**
 * Keeps that a job failed, counted by its name and by what it failed on, whatever numbers and ids stand in the message. Never throws:
 * the job has a failure of its own.
 */
export async function noteJobFailure(ctx: EngineContext, job: string, thrown: unknown): Promise<void> {
  const { message } = toTwincoreError(thrown);
  const now = ctx.now();
  try {
    await ctx.db.prisma.$executeRaw`
      insert into job_failure (id, job, message, first_at, last_at)
      values (${idOf(job, message)}::uuid, ${job}, ${message.slice(0, MESSAGE_MAX)}, ${now}, ${now})
      on conflict (id) do update set count = job_failure.count + 1, last_at = excluded.last_at, message = excluded.message`;
  } catch (err) {
    ctx.log.debug({ err, job }, "the failure of a job could not be kept");
  }
}

/** These have succeeded: what they failed on before is over. Only for jobs that are always about the same; others clear with time. */
export async function noteJobSuccess(ctx: EngineContext, jobs: readonly string[]): Promise<void> {
  if (jobs.length > 0) await ctx.db.prisma.jobFailure.deleteMany({ where: { job: { in: [...jobs] } } });
}

/** The same for the same job and cause on every node: a UUID made of them. */
export function idOf(job: string, message: string): string {
  const cause = message
    .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi, "#")
    .replace(/“[^”]*”|"[^"]*"/g, "#")
    .replace(/\d+/g, "#");
  const hex = createHash("sha256").update(`${job}\n${cause}`).digest("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
