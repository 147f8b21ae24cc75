import "server-only";
import type { Tx } from "@/lib/db/client";
import type { EngineContext } from "@/lib/engine/context";
import type { PointDocument } from "@/lib/engine/recovery-points/document";
import type { Domain } from "@/lib/engine/repositories/open";

/**
 * The rows of points and of their images, in a few statements however many there are. A point whose id, number or images another
 * one has is left out, with the reason in `refused`. An end that a rule set is not taken over: the rule is not here, people decide.
 */
export async function insertPointRows(
  tx: Tx,
  ctx: EngineContext,
  domain: Domain,
  points: readonly PointDocument[],
  refused: Map<string, string>,
): Promise<PointDocument[]> {
  const taken = await takenImages(tx, points);
  const free = points.filter(({ id, images }) => {
    const isTaken = images.some((image) => taken.has(image.id));
    if (isTaken) refused.set(id, "One of its images belongs to another recovery point here.");
    return !isTaken;
  });
  const listed = new Set(await insertPoints(tx, ctx, domain, free));
  for (const { id, sequence } of free)
    if (!listed.has(id)) refused.set(id, `The agent has another recovery point of the number ${sequence} here.`);
  const adopted = free.filter(({ id }) => listed.has(id));
  await insertImages(tx, adopted);
  return adopted;
}

async function takenImages(tx: Tx, points: readonly PointDocument[]): Promise<Set<string>> {
  const ids = points.flatMap(({ images }) => images.map(({ id }) => id));
  const present = await tx.volumeImage.findMany({ where: { id: { in: ids } }, select: { id: true } });
  const taken = new Set(present.map(({ id }) => id));
  const seen = new Set<string>();
  // Two documents that name the same image cannot both be true.
  for (const id of ids) {
    if (seen.has(id)) taken.add(id);
    seen.add(id);
  }
  return taken;
}

async function insertPoints(
  tx: Tx,
  ctx: EngineContext,
  { repositoryId }: Domain,
  points: readonly PointDocument[],
): Promise<string[]> {
  const said = points.map((point) => ({
    id: point.id,
    agent_id: point.agent.id,
    sequence: point.sequence,
    created_at: point.createdAt,
    logical_bytes: point.logicalBytes,
    stored_bytes: point.storedBytes,
    skipped_count: point.skippedCount,
    skipped: point.skipped,
    missing_volumes: point.missingVolumes ?? [],
    label: point.label ?? "",
    locked: point.locked ?? false,
    origin: point.origin ?? "user",
    snapshot_rule_id: point.snapshotRuleId ?? null,
    deleted_on_source_at: point.deletedOnSourceAt ?? null,
  }));
  const rows = await tx.$queryRaw<{ id: string }[]>`
    insert into recovery_point (id, agent_id, repository_id, sequence, created_at, committed_at, logical_bytes, stored_bytes,
      skipped_count, skipped, missing_volumes, label, locked, origin, snapshot_rule_id, deleted_on_source_at)
    select id, agent_id, ${repositoryId}::uuid, sequence, created_at, ${ctx.now()}, logical_bytes, stored_bytes,
      skipped_count, skipped, missing_volumes, label, locked, origin::point_origin, snapshot_rule_id, deleted_on_source_at
    from jsonb_to_recordset(${JSON.stringify(said)}::jsonb) as said (id uuid, agent_id uuid, sequence bigint,
      created_at timestamptz, logical_bytes bigint, stored_bytes bigint, skipped_count int, skipped jsonb,
      missing_volumes text[], label text, locked boolean, origin text, snapshot_rule_id uuid, deleted_on_source_at timestamptz)
    order by sequence, id
    on conflict do nothing returning id`;
  return rows.map(({ id }) => id);
}

async function insertImages(tx: Tx, points: readonly PointDocument[]): Promise<void> {
  await tx.volumeImage.createMany({
    data: points.flatMap(({ id, images }) =>
      images.map((image) => ({
        id: image.id,
        recoveryPointId: id,
        volumeId: image.volumeId,
        kind: image.volumeKind,
        sizeBytes: BigInt(image.sizeBytes),
        recordCount: image.recordCount,
        entryCount: image.entryCount,
        manifestDigest: new Uint8Array(Buffer.from(image.manifestDigest, "hex")),
      })),
    ),
  });
}
