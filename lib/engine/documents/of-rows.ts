import { z } from "zod";
import { changeableOf, type PointDocument } from "@/lib/engine/recovery-points/document";
import { SkippedFile } from "@/lib/engine/recovery-points/schemas";
import type { Prisma } from "@/prisma/generated/client";
import type { AgentDocument } from "./agent";

export const withPointDocument = {
  agent: { include: { tenant: true } },
  images: { include: { volume: { select: { name: true } } } },
} satisfies Prisma.RecoveryPointInclude;

export const withAgentDocument = {
  tenant: true,
  volumes: true,
  quotas: { where: { meter: "stored" } },
} satisfies Prisma.AgentInclude;

export type PointRow = Prisma.RecoveryPointGetPayload<{ include: typeof withPointDocument }>;
export type AgentRow = Prisma.AgentGetPayload<{ include: typeof withAgentDocument }>;

const byId = <T extends { id: string }>(items: readonly T[]): T[] => items.toSorted((a, b) => (a.id < b.id ? -1 : 1));

/** What the repository should say of a recovery point. */
export function pointDocumentOf(row: PointRow): PointDocument {
  const { agent } = row;
  return {
    id: row.id,
    sequence: row.sequence.toString(),
    createdAt: row.createdAt.toISOString(),
    repositoryId: row.repositoryId,
    tenant: { id: agent.tenant.id, name: agent.tenant.name },
    agent: { id: agent.id, name: agent.name, hostName: agent.hostName },
    images: byId(row.images).map((image) => ({
      id: image.id,
      volumeId: image.volumeId,
      volumeName: image.volume.name,
      volumeKind: image.kind,
      sizeBytes: Number(image.sizeBytes),
      entryCount: image.entryCount,
      recordCount: image.recordCount,
      manifestDigest: Buffer.from(image.manifestDigest).toString("hex"),
    })),
    logicalBytes: Number(row.logicalBytes),
    storedBytes: Number(row.storedBytes),
    skippedCount: row.skippedCount,
    skipped: z.array(SkippedFile).catch([]).parse(row.skipped),
    ...(row.missingVolumes.length > 0 ? { missingVolumes: row.missingVolumes } : {}),
    ...changeableOf(row),
  };
}

/** Whoever wrote a document may have had its images in another order. */
export const inOrder = (point: PointDocument): PointDocument => ({ ...point, images: byId(point.images) });

/** What the repository should say of an agent. */
export function agentDocumentOf(row: AgentRow): AgentDocument {
  const hardBytes = row.quotas[0]?.hardBytes ?? null;
  return {
    id: row.id,
    name: row.name,
    hostName: row.hostName,
    tenant: { id: row.tenant.id, name: row.tenant.name },
    kind: row.kind,
    ...(row.parentId ? { parentId: row.parentId } : {}),
    ...(row.description ? { description: row.description } : {}),
    ...(row.labels.length > 0 ? { labels: row.labels } : {}),
    ...(row.isSingleVolume ? { isSingleVolume: true as const } : {}),
    ...(hardBytes === null ? {} : { quotaBytes: Number(hardBytes) }),
    ...(row.sequenceFloor > 0n ? { sequenceFloor: row.sequenceFloor.toString() } : {}),
    createdAt: row.createdAt.toISOString(),
    volumes: byId(row.volumes).map((volume) => ({
      id: volume.id,
      name: volume.name,
      kind: volume.kind,
      ...(volume.path === null ? {} : { path: volume.path }),
      ...(volume.excludes.length > 0 ? { excludes: volume.excludes } : {}),
      ...(volume.description ? { description: volume.description } : {}),
      ...(volume.managedBytes === null ? {} : { managedBytes: Number(volume.managedBytes) }),
      ...(volume.removedAt === null ? {} : { removedAt: volume.removedAt.toISOString() }),
    })),
  };
}
