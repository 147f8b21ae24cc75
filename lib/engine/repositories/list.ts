import "server-only";
import type { EngineContext } from "@/lib/engine/context";
import { Prisma } from "@/prisma/generated/client";
import type { ListRepositoriesInput, RepositoryPage } from "./schemas";
import { toSummary, USAGE_COLUMNS, type UsageRow, usageQuery } from "./usage";

/** A page of repositories with their usage, by name. The cursor is the last name of the page before. */
export async function listRepositories(ctx: EngineContext, input: ListRepositoriesInput): Promise<RepositoryPage> {
  const after = input.cursor ? Buffer.from(input.cursor, "base64url").toString("utf8") : null;
  const rows = await ctx.db.prisma.$queryRaw<UsageRow[]>(
    usageQuery(Prisma.sql`
      select ${USAGE_COLUMNS} from repository
      where ${after}::text is null or name > ${after}::text
      order by name limit ${input.limit + 1}`),
  );
  const items = await Promise.all(rows.slice(0, input.limit).map((row) => toSummary(ctx, row)));
  const last = items.at(-1);
  return {
    items,
    nextCursor: rows.length > input.limit && last ? Buffer.from(last.name).toString("base64url") : null,
    total: await ctx.db.prisma.repository.count(),
  };
}
