import { z } from "zod";
import type { Prisma } from "@/prisma/generated/client";
import { leaderOf, withLeader } from "./led";
import { type RecoveryPointDetail, type RecoveryPointSummary, SkippedFile, type VolumeImageSummary } from "./schemas";

export const withImageCount = { _count: { select: { images: true } } } satisfies Prisma.RecoveryPointInclude;
export const withEverything = {
  ...withLeader,
  repository: { select: { id: true, name: true } },
  images: { include: { volume: { select: { name: true } } } },
} satisfies Prisma.RecoveryPointInclude;

type SummaryRow = Prisma.RecoveryPointGetPayload<{ omit: { skipped: true }; include: typeof withImageCount }>;
type DetailRow = Prisma.RecoveryPointGetPayload<{ include: typeof withEverything }>;

export const toSummary = (row: SummaryRow): RecoveryPointSummary => ({ ...common(row), images: row._count.images });

export function toDetail(row: DetailRow): RecoveryPointDetail {
  return {
    ...common(row),
    agentName: row.agent.name,
    repository: row.repository,
    images: row.images.map(toImageSummary).sort((a, b) => (a.volumeName < b.volumeName ? -1 : 1)),
    skipped: z.array(SkippedFile).parse(row.skipped),
    ledBy: leaderOf(row),
  };
}

function common(row: Omit<SummaryRow, "_count">) {
  return {
    id: row.id,
    agentId: row.agentId,
    sequence: Number(row.sequence),
    createdAt: row.createdAt.toISOString(),
    committedAt: row.committedAt.toISOString(),
    logicalBytes: Number(row.logicalBytes),
    storedBytes: Number(row.storedBytes),
    skippedCount: row.skippedCount,
    missingVolumes: row.missingVolumes,
    label: row.label,
    locked: row.locked,
    deletedOnSourceAt: row.deletedOnSourceAt?.toISOString() ?? null,
    lost: row.lostAt && { at: row.lostAt.toISOString(), reason: row.lostReason ?? "" },
  };
}

function toImageSummary(row: DetailRow["images"][number]): VolumeImageSummary {
  return {
    id: row.id,
    volumeId: row.volumeId,
    volumeName: row.volume.name,
    kind: row.kind,
    sizeBytes: Number(row.sizeBytes),
    recordCount: row.recordCount,
    entryCount: row.entryCount,
    manifestDigest: Buffer.from(row.manifestDigest).toString("hex"),
  };
}
