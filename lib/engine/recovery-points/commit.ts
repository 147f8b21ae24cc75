import "server-only";
import type { Tx } from "@/lib/db/client";
import { withTransaction } from "@/lib/db/transaction";
import { emitEvent } from "@/lib/engine/events/emit";
import { manifestKey } from "@/lib/engine/manifests/format";
import { openManifest } from "@/lib/engine/manifests/open";
import type { RecordContext } from "@/lib/engine/records/connection";
import { countUnindexed } from "@/lib/engine/records/find";
import { type Domain, ensureDomain } from "@/lib/engine/repositories/open";
import { conflict, integrity, notFound, systemCode } from "@/lib/errors";
import { type PointDocument, writeDocument } from "./document";
import type { SkippedFile } from "./schemas";

/** Keys checked by one statement (the most that countUnindexed takes is 10,000; a manifest's pieces hold 1,024). */
const PIECES_PER_STATEMENT = 9;
const SKIPPED_MAX = 1000;

export interface CommitImageInput {
  id: string;
  volumeId: string;
  volumeName: string;
  volumeKind: "folder" | "image" | "stream";
  sizeBytes: number | bigint;
  entryCount: number;
  manifestDigest: Buffer;
  /** Keys of all its streams, as ManifestWriter.finish says. */
  recordCount: number;
}

export interface CommitRecoveryPointInput {
  id: string;
  agentId: string;
  repositoryId: string;
  tenantId: string;
  sequence: number | bigint;
  createdAt: Date;
  images: CommitImageInput[];
  logicalBytes: number | bigint;
  storedBytes: number | bigint;
  /** Replicas: as the source has them. */
  label?: string;
  locked?: boolean;
  skippedCount: number;
  /** The first of what could not be read; more than 1,000 are cut off. */
  skipped: SkippedFile[];
}

/**
 * Makes a recovery point true: 1. every manifest is there and is the one declared; 2. every record of it is indexed, and so
 * durable; 3. the document is written; 4. the rows and the event in one transaction. May be repeated. Throws `integrity` when
 * something is missing, `conflict` when the id or the sequence belongs to another point, `not_found` for an unknown agent.
 */
export async function commitRecoveryPoint(ctx: RecordContext, input: CommitRecoveryPointInput): Promise<void> {
  await commitInto(ctx, await ensureDomain(ctx, input), input);
}

/** As commitRecoveryPoint, into a domain that the caller has opened. */
export async function commitInto(ctx: RecordContext, domain: Domain, input: CommitRecoveryPointInput): Promise<void> {
  if (await isCommitted(ctx.db.prisma, input)) return;
  const point = await documentOf(ctx, domain, input);
  for (const image of input.images) await assertComplete(ctx, domain, image);
  await writeDocument(domain, point);
  try {
    await withTransaction(ctx.db, (tx) => insertPoint(tx, domain, input));
  } catch (error) {
    // P2002: a unique value is taken. The same call in another process may have come first, and that is success.
    if (systemCode(error) !== "P2002") throw error;
    if (!(await isCommitted(ctx.db.prisma, input)))
      throw conflict(
        "The agent has another recovery point of this sequence, or one of the images belongs to another point.",
      );
  }
}

/** Throws `conflict` when a point of this id exists and holds other images. */
async function isCommitted(tx: Tx, input: CommitRecoveryPointInput): Promise<boolean> {
  const found = await tx.recoveryPoint.findUnique({ where: { id: input.id }, include: { images: true } });
  if (!found) return false;
  const digests = new Map(found.images.map((image) => [image.id, Buffer.from(image.manifestDigest)]));
  const same =
    found.agentId === input.agentId &&
    digests.size === input.images.length &&
    input.images.every((image) => digests.get(image.id)?.equals(image.manifestDigest));
  if (!same) throw conflict("Another recovery point has this id.");
  return true;
}

async function documentOf(ctx: RecordContext, domain: Domain, input: CommitRecoveryPointInput): Promise<PointDocument> {
  const agent = await ctx.db.prisma.agent.findUnique({ where: { id: input.agentId } });
  const tenant = await ctx.db.prisma.tenant.findUnique({ where: { id: domain.tenantId } });
  if (!agent || !tenant) throw notFound("agent");
  return {
    id: input.id,
    sequence: input.sequence.toString(),
    createdAt: input.createdAt.toISOString(),
    repositoryId: domain.repositoryId,
    tenant: { id: tenant.id, name: tenant.name },
    agent: { id: agent.id, name: agent.name, hostName: agent.hostName },
    images: input.images.map((image) => ({
      ...image,
      sizeBytes: Number(image.sizeBytes),
      manifestDigest: image.manifestDigest.toString("hex"),
    })),
    logicalBytes: Number(input.logicalBytes),
    storedBytes: Number(input.storedBytes),
    skippedCount: input.skippedCount,
    skipped: input.skipped.slice(0, SKIPPED_MAX),
  };
}

/** Losing this check loses data: a point may only be listed when the index, hence a durable pack, has its every record. */
async function assertComplete(ctx: RecordContext, domain: Domain, image: CommitImageInput): Promise<void> {
  const manifest = await openManifest(domain, image.id);
  if (!manifest.digest.equals(image.manifestDigest) || manifest.recordCount !== image.recordCount)
    throw integrity(`The manifest of the volume ${image.volumeName} is not the one that was declared.`);
  let missing = 0;
  for (const { kind } of manifest.streams) {
    let pieces: Buffer[] = [];
    for await (const piece of manifest.packedKeys(kind)) {
      pieces.push(piece);
      if (pieces.length < PIECES_PER_STATEMENT) continue;
      missing += await countUnindexed(ctx, domain.id, Buffer.concat(pieces));
      pieces = [];
    }
    if (pieces.length > 0) missing += await countUnindexed(ctx, domain.id, Buffer.concat(pieces));
  }
  if (missing > 0)
    throw integrity(
      `${missing} records of the volume ${image.volumeName} are missing. Run the replication again: only they are sent.`,
    );
}

async function insertPoint(tx: Tx, domain: Domain, input: CommitRecoveryPointInput): Promise<void> {
  // In one order, so that two commits never wait for each other in a circle.
  for (const image of input.images.toSorted((a, b) => (a.id < b.id ? -1 : 1))) {
    // The same lock as discardManifest: a manifest is not removed between this look and the row that refers to it.
    await tx.$executeRaw`select pg_advisory_xact_lock(hashtextextended(${image.id}, 0))`;
    if ((await domain.storage.size(manifestKey(domain.prefix, image.id))) === null)
      throw integrity(`The manifest of the volume ${image.volumeName} was removed meanwhile.`);
  }
  await tx.recoveryPoint.create({
    data: {
      id: input.id,
      agentId: input.agentId,
      repositoryId: domain.repositoryId,
      sequence: BigInt(input.sequence),
      createdAt: input.createdAt,
      logicalBytes: BigInt(input.logicalBytes),
      storedBytes: BigInt(input.storedBytes),
      label: input.label,
      locked: input.locked,
      skippedCount: input.skippedCount,
      skipped: input.skipped.slice(0, SKIPPED_MAX),
      images: { create: input.images.map(imageRow) },
    },
  });
  await emitEvent(tx, "recovery-point", input.id);
}

function imageRow(image: CommitImageInput) {
  return {
    id: image.id,
    volumeId: image.volumeId,
    kind: image.volumeKind,
    sizeBytes: BigInt(image.sizeBytes),
    recordCount: image.recordCount,
    entryCount: image.entryCount,
    manifestDigest: new Uint8Array(image.manifestDigest),
  };
}
