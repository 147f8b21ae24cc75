import "server-only";
import type { EngineContext } from "@/lib/engine/context";
import { notFound } from "@/lib/errors";
import { Prisma } from "@/prisma/generated/client";
import { filterOf, NAME, STATE } from "./filter";
import { ListVolumeImagesInput, type VolumeImageReport } from "./schemas";

/**
 * Volume images over all agents, newest first unless told otherwise; `total` counts all that fit, whatever the page. An `afterId` that is
 * none of the tenant's answers an empty page.
 */
export async function listVolumeImages(
  ctx: EngineContext,
  given: ListVolumeImagesInput,
): Promise<{ items: VolumeImageReport[]; total: number }> {
  const input = ListVolumeImagesInput.parse(given);
  const where = filterOf(input);
  const direction = Prisma.raw(input.descending ? "desc" : "asc");
  const key = ORDER[input.orderBy];
  const page = input.afterId === undefined ? where : Prisma.sql`${where} and ${behind(input, key)}`;
  const [rows, counted] = await Promise.all([
    input.limit === 0
      ? []
      : ctx.db.prisma.$queryRaw<ImageRow[]>`
          select ${COLUMNS} ${FROM} where ${page}
          order by ${key} ${direction}, i.id ${direction} limit ${input.limit} offset ${input.offset}`,
    ctx.db.prisma.$queryRaw<[{ total: bigint }]>`select count(*) as total ${FROM} where ${where}`,
  ]);
  return { items: rows.map(toReport), total: Number(counted[0].total) };
}

/** Throws `not_found`, also for an image of another tenant. */
export async function getVolumeImage(
  ctx: EngineContext,
  { id, tenantId }: { id: string; tenantId: string | null },
): Promise<VolumeImageReport> {
  const where = filterOf(ListVolumeImagesInput.parse({ id, tenantId, limit: 1 }));
  const [row] = await ctx.db.prisma.$queryRaw<ImageRow[]>`select ${COLUMNS} ${FROM} where ${where}`;
  if (!row) throw notFound("volume image");
  return toReport(row);
}

const FROM = Prisma.sql`
  from volume_image i
  join recovery_point p on p.id = i.recovery_point_id
  join volume v on v.id = i.volume_id
  join agent a on a.id = p.agent_id`;

const COLUMNS = Prisma.sql`
  i.id, ${NAME} as name, i.kind::text as kind, ${STATE} as state, i.size_bytes, p.id as recovery_point_id,
  (select count(*) from volume_image s where s.recovery_point_id = p.id) as siblings, p.sequence, p.origin::text as origin,
  p.locked, p.created_at, p.committed_at, p.expires_at, p.lost_reason, v.id as volume_id, v.name as volume_name,
  a.id as agent_id, a.name as agent_name, a.tenant_id, p.repository_id, a.lead_pairing_id is not null as is_replica`;

const ORDER = { createdAt: Prisma.sql`p.created_at`, name: NAME, sizeBytes: Prisma.sql`i.size_bytes` } as const;

/** What the list shows after the image `afterId`, whether or not that one fits the filter. */
function behind({ afterId, descending, tenantId }: ListVolumeImagesInput, key: Prisma.Sql): Prisma.Sql {
  const sign = Prisma.raw(descending ? "<" : ">");
  const own = tenantId === null ? Prisma.sql`true` : Prisma.sql`a.tenant_id = ${tenantId}::uuid`;
  return Prisma.sql`(${key}, i.id) ${sign} (select ${key}, i.id ${FROM} where i.id = ${afterId}::uuid and ${own})`;
}

interface ImageRow {
  id: string;
  name: string;
  kind: VolumeImageReport["kind"];
  state: VolumeImageReport["state"];
  size_bytes: bigint;
  recovery_point_id: string;
  siblings: bigint;
  sequence: bigint;
  origin: VolumeImageReport["origin"];
  locked: boolean;
  created_at: Date;
  committed_at: Date;
  expires_at: Date | null;
  lost_reason: string | null;
  volume_id: string;
  volume_name: string;
  agent_id: string;
  agent_name: string;
  tenant_id: string;
  repository_id: string;
  is_replica: boolean;
}

const toReport = (row: ImageRow): VolumeImageReport => ({
  id: row.id,
  name: row.name,
  kind: row.kind,
  state: row.state,
  sizeBytes: Number(row.size_bytes),
  recoveryPointId: row.recovery_point_id,
  siblings: Number(row.siblings),
  sequence: Number(row.sequence),
  origin: row.origin,
  locked: row.locked,
  createdAt: row.created_at.toISOString(),
  committedAt: row.committed_at.toISOString(),
  expiresAt: row.expires_at?.toISOString() ?? null,
  lostReason: row.lost_reason,
  volume: { id: row.volume_id, name: row.volume_name },
  agent: { id: row.agent_id, name: row.agent_name },
  tenantId: row.tenant_id,
  repositoryId: row.repository_id,
  isReplica: row.is_replica,
});
