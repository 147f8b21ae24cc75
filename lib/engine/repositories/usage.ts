import "server-only";
import { type EngineContext, isBound } from "@/lib/engine/context";
import { toTwincoreError } from "@/lib/errors";
import { Prisma } from "@/prisma/generated/client";
import { openRepository } from "./open";
import type { RepositorySummary } from "./schemas";

export interface UsageRow {
  id: string;
  number: number;
  name: string;
  path: string;
  created_at: Date;
  synced_at: Date | null;
  is_out_of_sync: boolean;
  lost_points: bigint;
  stored_bytes: bigint;
  logical_bytes: bigint;
  recovery_points: bigint;
  agents: bigint;
  records: bigint;
}

/** What `usageQuery` needs of a repository. */
export const USAGE_COLUMNS = Prisma.sql`id, number, name, path, created_at, synced_at, is_out_of_sync`;

/** Usage of the repositories that `page` (a query answering rows of `repository`) selects, ordered by name. */
export function usageQuery(page: Prisma.Sql): Prisma.Sql {
  return Prisma.sql`
    select page.id, page.number, page.name, page.path, page.created_at, page.synced_at, page.is_out_of_sync, points.lost_points, packs.stored_bytes, packs.records,
      points.logical_bytes, points.recovery_points,
      (select count(*) from agent where agent.repository_id = page.id) as agents
    from (${page}) as page
    cross join lateral (
      select coalesce(sum(pack.size_bytes), 0)::bigint as stored_bytes, coalesce(sum(pack.record_count), 0)::bigint as records
      from record_domain join pack on pack.domain_id = record_domain.id
      where record_domain.repository_id = page.id
    ) as packs
    cross join lateral (
      select coalesce(sum(logical_bytes), 0)::bigint as logical_bytes, count(*) as recovery_points,
        count(*) filter (where lost_at is not null) as lost_points
      from recovery_point where recovery_point.repository_id = page.id
    ) as points
    order by page.name`;
}

/** A row as everyone sees it, with the free space of its disk just now. An unreachable folder is said, not thrown. */
export async function toSummary(ctx: EngineContext, row: UsageRow): Promise<RepositorySummary> {
  const storedBytes = Number(row.stored_bytes);
  const logicalBytes = Number(row.logical_bytes);
  return {
    id: row.id,
    number: row.number,
    name: row.name,
    path: isBound(ctx) ? "" : row.path,
    createdAt: row.created_at.toISOString(),
    storedBytes,
    logicalBytes,
    recoveryPoints: Number(row.recovery_points),
    agents: Number(row.agents),
    records: Number(row.records),
    ...(await spaceOf(ctx, row.id)),
    syncedAt: row.synced_at?.toISOString() ?? null,
    isOutOfSync: row.is_out_of_sync,
    lostPoints: Number(row.lost_points),
    dedupFactor: storedBytes > 0 ? Math.round((logicalBytes / storedBytes) * 100) / 100 : null,
  };
}

/** Free and whole space of its disk just now; zeros for those who are bound to tenants, and with `reachable: false` when it cannot be asked. */
export async function spaceOf(ctx: EngineContext, id: string) {
  try {
    const { storage } = await openRepository(ctx, id);
    const space = isBound(ctx) ? { freeBytes: 0, totalBytes: 0 } : await storage.space();
    return { ...space, reachable: true };
  } catch (error) {
    ctx.log.warn({ repositoryId: id, error: toTwincoreError(error).message }, "a repository cannot be reached");
    return { freeBytes: 0, totalBytes: 0, reachable: false };
  }
}
