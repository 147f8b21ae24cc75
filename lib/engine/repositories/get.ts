import "server-only";
import type { EngineContext } from "@/lib/engine/context";
import { notFound } from "@/lib/errors";
import { Prisma } from "@/prisma/generated/client";
import type { GetRepositoryInput, RepositoryDetail } from "./schemas";
import { toSummary, USAGE_COLUMNS, type UsageRow, usageQuery } from "./usage";

/** More than a chart can show: six weeks of hourly samples. */
const SAMPLES_MAX = 1000;

/** One repository with its usage over time. Throws `not_found`. */
export async function getRepository(ctx: EngineContext, input: GetRepositoryInput): Promise<RepositoryDetail> {
  const [row] = await ctx.db.prisma.$queryRaw<UsageRow[]>(
    usageQuery(Prisma.sql`select ${USAGE_COLUMNS} from repository where id = ${input.id}::uuid`),
  );
  if (!row) throw notFound("repository");
  const samples = await ctx.db.prisma.usageSample.findMany({
    where: { repositoryId: input.id },
    orderBy: { at: "desc" },
    take: SAMPLES_MAX,
  });
  return {
    ...(await toSummary(ctx, row)),
    samples: samples.reverse().map((sample) => ({
      at: sample.at.toISOString(),
      storedBytes: Number(sample.storedBytes),
      logicalBytes: Number(sample.logicalBytes),
      recoveryPoints: sample.recoveryPoints,
    })),
  };
}
