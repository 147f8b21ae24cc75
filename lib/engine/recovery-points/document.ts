import "server-only";
import { createHash } from "node:crypto";
import { z } from "zod";
import type { Domain } from "@/lib/engine/repositories/open";
import { integrity, notFound } from "@/lib/errors";
import { SkippedFile } from "./schemas";

const DOCUMENT_BYTES_MAX = 16 * 1024 * 1024;
const Hash = z.string().regex(/^[0-9a-f]{64}$/);
const Count = z.number().int().nonnegative();

/** A recovery point as its repository tells it, enough to rebuild its rows on a core that never saw it. */
export const PointDocument = z.object({
  id: z.uuid(),
  sequence: z.string().regex(/^\d{1,19}$/),
  createdAt: z.iso.datetime(),
  repositoryId: z.uuid(),
  tenant: z.object({ id: z.uuid(), name: z.string() }),
  agent: z.object({ id: z.uuid(), name: z.string(), hostName: z.string() }),
  images: z.array(
    z.object({
      id: z.uuid(),
      volumeId: z.uuid(),
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
});
export type PointDocument = z.infer<typeof PointDocument>;

const Wrapped = z.object({
  format: z.literal("twincore-recovery-point"),
  version: z.literal(1),
  /** SHA-256 of the point's JSON, as JSON.stringify writes it. */
  sha256: Hash,
  point: z.unknown(),
});

export const documentKey = (prefix: string, agentId: string, pointId: string): string =>
  `${prefix}points/${agentId}/${pointId}.json`;

/** Durable when it resolves. Writing the same point again replaces it with the same bytes. */
export async function writeDocument(domain: Domain, point: PointDocument): Promise<void> {
  const checked = PointDocument.parse(point);
  const body = JSON.stringify({
    format: "twincore-recovery-point",
    version: 1,
    sha256: hashOf(checked),
    point: checked,
  });
  await domain.storage.put(documentKey(domain.prefix, point.agent.id, point.id), Buffer.from(`${body}\n`));
}

/** Throws `not_found`, or `integrity` when the document is damaged. */
export async function readDocument(domain: Domain, agentId: string, pointId: string): Promise<PointDocument> {
  const key = documentKey(domain.prefix, agentId, pointId);
  const sizeBytes = await domain.storage.size(key);
  if (sizeBytes === null) throw notFound("recovery point document");
  if (sizeBytes > DOCUMENT_BYTES_MAX) throw damaged(key);
  return parseDocument(await domain.storage.read(key, 0, sizeBytes), key);
}

export function parseDocument(bytes: Buffer, key: string): PointDocument {
  try {
    const wrapped = Wrapped.parse(JSON.parse(bytes.toString("utf8")));
    if (hashOf(wrapped.point) === wrapped.sha256) return PointDocument.parse(wrapped.point);
  } catch (error) {
    throw damaged(key, error);
  }
  throw damaged(key);
}

const hashOf = (point: unknown): string => createHash("sha256").update(JSON.stringify(point)).digest("hex");

const damaged = (key: string, cause?: unknown) =>
  integrity(`The document of a recovery point is damaged (${key}).`, cause);
