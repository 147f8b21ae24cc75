import "server-only";
import type { EngineContext } from "@/lib/engine/context";
import { Prisma } from "@/prisma/generated/client";
import { usageQuery } from "./usage";

/** Writes one usage sample per repository: what statements and charts are made of. */
export async function measureRepositories(ctx: EngineContext): Promise<void> {
  const repositories = Prisma.sql`select id, name, path, created_at from repository`;
  await ctx.db.prisma.$executeRaw`
    insert into usage_sample (repository_id, at, stored_bytes, logical_bytes, recovery_points)
    select id, ${ctx.now()}, stored_bytes, logical_bytes, recovery_points from (${usageQuery(repositories)}) as usage`;
}
