import "server-only";
import { z } from "zod";
import { DOCUMENT_BYTES_MAX, decodeWrapped, encodeWrapped } from "@/lib/engine/documents/wrapped";
import type { Domain } from "@/lib/engine/repositories/open";
import { Id } from "@/lib/engine/schemas";
import { integrity, notFound } from "@/lib/errors";
import { SkippedFile } from "./schemas";

const FORMAT = "twincore-recovery-point";
const Hash = z.string().regex(/^[0-9a-f]{64}$/);
const Count = z.number().int().nonnegative();

/** A recovery point as its repository tells it, enough to rebuild its rows on a core that never saw it. */
export const PointDocument = z.object({
  id: Id,
  sequence: z.string().regex(/^\d{1,19}$/),
  createdAt: z.iso.datetime(),
  repositoryId: Id,
  tenant: z.object({ id: Id, name: z.string() }),
  agent: z.object({ id: Id, name: z.string(), hostName: z.string() }),
  images: z.array(
    z.object({
      id: Id,
      volumeId: Id,
      volumeName: z.string(),
      volumeKind: z.enum(["folder", "image", "stream"]),
      sizeBytes: Count,
      entryCount: Count,
      recordCount: Count,
      manifestDigest: Hash,
    }),
  ),
  logicalBytes: Count,
  storedBytes: Count,
  skippedCount: Count,
  skipped: z.array(SkippedFile),
  /** Volumes whose images are not in it; absent when it is whole. */
  missingVolumes: z.array(z.string()).optional(),
  /** What follows may change: the document is replaced then. Each is absent where it says nothing, and in older documents. */
  label: z.string().optional(),
  locked: z.literal(true).optional(),
  origin: z.enum(["scheduled", "replication"]).optional(),
  snapshotRuleId: Id.optional(),
  expiresAt: z.iso.datetime().optional(),
  deletedOnSourceAt: z.iso.datetime().optional(),
});
export type PointDocument = z.infer<typeof PointDocument>;

export const documentKey = (prefix: string, agentId: string, pointId: string): string =>
  `${prefix}points/${agentId}/${pointId}.json`;

/** What people and rules say of a point, as its document has it: nothing is absent, not empty. */
export function changeableOf(row: {
  label?: string;
  locked?: boolean;
  origin?: "user" | "scheduled" | "replication";
  snapshotRuleId?: string | null;
  expiresAt?: Date | null;
  deletedOnSourceAt?: Date | null;
}): Partial<PointDocument> {
  return {
    ...(row.label ? { label: row.label } : {}),
    ...(row.locked ? { locked: true as const } : {}),
    ...(row.origin && row.origin !== "user" ? { origin: row.origin } : {}),
    ...(row.snapshotRuleId ? { snapshotRuleId: row.snapshotRuleId } : {}),
    ...(row.expiresAt ? { expiresAt: row.expiresAt.toISOString() } : {}),
    ...(row.deletedOnSourceAt ? { deletedOnSourceAt: row.deletedOnSourceAt.toISOString() } : {}),
  };
}

/** Durable when it resolves. Writing the same point again replaces it with the same bytes. */
export async function writeDocument(domain: Domain, point: PointDocument): Promise<void> {
  await domain.storage.put(documentKey(domain.prefix, point.agent.id, point.id), encodeDocument(point));
}

/** The same point gives the same bytes. */
export function encodeDocument(point: PointDocument): Buffer {
  return encodeWrapped(FORMAT, "point", PointDocument.parse(point));
}

/** Throws `not_found`, or `integrity` when the document is damaged. */
export async function readDocument(domain: Domain, agentId: string, pointId: string): Promise<PointDocument> {
  const key = documentKey(domain.prefix, agentId, pointId);
  const sizeBytes = await domain.storage.size(key);
  if (sizeBytes === null) throw notFound("recovery point document");
  if (sizeBytes > DOCUMENT_BYTES_MAX) throw damaged(key);
  return parseDocument(await domain.storage.read(key, 0, sizeBytes), key);
}

/** Throws `integrity` when it is damaged. */
export function parseDocument(bytes: Buffer, key: string): PointDocument {
  const point = PointDocument.safeParse(decodeWrapped(FORMAT, "point", bytes));
  if (point.success) return point.data;
  throw damaged(key, point.error);
}

const damaged = (key: string, cause?: unknown) =>
  integrity(`The document of a recovery point is damaged (${key}).`, cause);
