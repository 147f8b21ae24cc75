import "server-only";
import type { EngineContext } from "@/lib/engine/context";
import { invalidInput } from "@/lib/errors";
import { Prisma } from "@/prisma/generated/client";
import { RecordVendorJobInput } from "./schemas";

/** Clients poll for minutes; people look back a few days. */
const KEPT_MS = 7 * 24 * 3600_000;
/** A script that orders without end fills no disk. */
const JOBS_MAX = 20_000;

/** Keeps what became of an order that came through a vendor's door, for who polls it. Answers its id. */
export async function recordVendorJob(ctx: EngineContext, input: RecordVendorJobInput): Promise<{ id: string }> {
  const { startedAt, responseBody, ...job } = RecordVendorJobInput.parse(input);
  if (ctx.actor.kind !== "account") throw invalidInput("Only an account orders through a vendor's door.");
  return ctx.db.prisma.vendorJob.create({
    data: {
      ...job,
      accountId: ctx.actor.accountId,
      state: job.responseStatus < 400 ? "succeeded" : "failed",
      responseBody: responseBody ?? Prisma.DbNull,
      createdAt: startedAt,
      endedAt: ctx.now(),
    },
    select: { id: true },
  });
}

/** Forgets old orders. Part of the sweep. */
export async function sweepVendorJobs(ctx: EngineContext): Promise<void> {
  const before = new Date(ctx.now().getTime() - KEPT_MS);
  await ctx.db.prisma.vendorJob.deleteMany({ where: { createdAt: { lt: before } } });
  await ctx.db.prisma.$executeRaw`
    delete from vendor_job where id in (select id from vendor_job order by created_at desc, id desc offset ${JOBS_MAX})`;
}
