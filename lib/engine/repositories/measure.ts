import "server-only";
import type { EngineContext } from "@/lib/engine/context";
import { Prisma } from "@/prisma/generated/client";
import { USAGE_COLUMNS, usageQuery } from "./usage";

/** Writes one usage sample per repository, or of one: what statements and charts are made of. */
export async function measureRepositories(ctx: EngineContext, onlyId: string | null = null): Promise<void> {
  const repositories = Prisma.sql`select ${USAGE_COLUMNS} from repository where ${onlyId}::uuid is null or id = ${onlyId}::uuid`;
  await ctx.db.prisma.$executeRaw`
    insert into usage_sample (repository_id, at, stored_bytes, logical_bytes, recovery_points)
    select id, ${ctx.now()}, stored_bytes, logical_bytes, recovery_points from (${usageQuery(repositories)}) as usage`;
}
