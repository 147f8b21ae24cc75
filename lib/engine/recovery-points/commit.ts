import "server-only";
import type { Tx } from "@/lib/db/client";
import { withTransaction } from "@/lib/db/transaction";
import { emitEvent } from "@/lib/engine/events/emit";
import { manifestKey } from "@/lib/engine/manifests/format";
import type { RecordContext } from "@/lib/engine/records/connection";
import { holdRecords, lossesOf } from "@/lib/engine/records/losses";
import { type Domain, ensureDomain } from "@/lib/engine/repositories/open";
import { conflict, integrity, notFound, systemCode } from "@/lib/errors";
import { assertComplete, committedBase } from "./complete";
import { changeableOf, type PointDocument, writeDocument } from "./document";
import type { SkippedFile } from "./schemas";

const SKIPPED_MAX = 1000;

/** The image differs from a committed one in these blocks only (one bit per record, the lowest bit of a byte first). */
export interface ChangeOf {
  readonly baseImageId: string;
  readonly changedBlocks: () => Promise<Uint8Array | null>;
}

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
  /** Who gives it has compared the manifest with that of the base, key by key. */
  changeOf?: ChangeOf;
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
  /** Absent: a person or a script asked for it. */
  origin?: "user" | "scheduled" | "replication";
  snapshotRuleId?: string;
  /** When retention may delete it; null: people decide. */
  expiresAt?: Date | null;
  skippedCount: number;
  /** The first of what could not be read; more than 1,000 are cut off. */
  skipped: SkippedFile[];
  /** Not empty: names of volumes whose images are not among these, and may come later under the same id. */
  missingVolumes?: string[];
  /** What else belongs into the transaction that makes it true. */
  alongside?: (tx: Tx) => Promise<void>;
}

/**
 * Makes a recovery point true: 1. every manifest is there and is the one declared; 2. every record of it is indexed, and so
 * durable (of an image that is a change of a committed one, every changed record is: a committed image's records were looked at
 * with it, and nothing that a point refers to leaves the index; the base's point is held until this one is listed); 3. the document is written; 4. the rows and the event in one transaction. May be repeated. Throws `integrity` when
 * something is missing, `conflict` when the id or the sequence belongs to another point, `not_found` for an unknown agent.
 */
export async function commitRecoveryPoint(ctx: RecordContext, input: CommitRecoveryPointInput): Promise<void> {
  await commitInto(ctx, await ensureDomain(ctx, input), input);
}

/** As commitRecoveryPoint, into a domain that the caller has opened. */
export async function commitInto(ctx: RecordContext, domain: Domain, input: CommitRecoveryPointInput): Promise<void> {
  if (await isCommitted(ctx.db.prisma, input)) return;
  const point = await documentOf(ctx, domain, input);
  const losses = await lossesOf(ctx.db.prisma, domain);
  const bases: string[] = [];
  for (const image of input.images) {
    const base = await committedBase(ctx, domain, image);
    await assertComplete(ctx, domain, image, base);
    if (base) bases.push(base.imageId);
  }
  await writeDocument(domain, point);
  try {
    await withTransaction(ctx.db, (tx) => insertPoint(tx, domain, input, { bases, losses }));
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
  const missing = input.missingVolumes?.length ?? 0;
  const digests = new Map(found.images.map((image) => [image.id, Buffer.from(image.manifestDigest)]));
  const known = input.images.filter((image) => digests.get(image.id)?.equals(image.manifestDigest)).length;
  const same = found.agentId === input.agentId && known === digests.size;
  // One that storage lost is made true again by the same images.
  if (same && known === input.images.length && found.missingVolumes.length === missing) return found.lostAt === null;
  // A point that waits for its other images is completed by them.
  if (same && found.missingVolumes.length > missing) return false;
  throw conflict("Another recovery point has this id.");
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
      id: image.id,
      volumeId: image.volumeId,
      volumeName: image.volumeName,
      volumeKind: image.volumeKind,
      sizeBytes: Number(image.sizeBytes),
      entryCount: image.entryCount,
      recordCount: image.recordCount,
      manifestDigest: image.manifestDigest.toString("hex"),
    })),
    logicalBytes: Number(input.logicalBytes),
    storedBytes: Number(input.storedBytes),
    skippedCount: input.skippedCount,
    skipped: input.skipped.slice(0, SKIPPED_MAX),
    ...(input.missingVolumes?.length ? { missingVolumes: input.missingVolumes } : {}),
    ...changeableOf(input),
  };
}

/** Holds the points of the bases until the transaction ends. Throws `integrity` when one was removed since they were looked at. */
async function holdBases(tx: Tx, bases: readonly string[]): Promise<void> {
  if (bases.length === 0) return;
  const held = await tx.$queryRaw<{ id: string }[]>`
    select i.id from volume_image i join recovery_point p on p.id = i.recovery_point_id
    where i.id = any(${[...new Set(bases)]}::uuid[]) order by i.id for share of p`;
  if (held.length !== new Set(bases).size)
    throw integrity(
      "The recovery point that this one is a change of was removed meanwhile. Run the replication again.",
    );
}

async function insertPoint(
  tx: Tx,
  domain: Domain,
  input: CommitRecoveryPointInput,
  { bases, losses }: { bases: readonly string[]; losses: number },
): Promise<void> {
  await holdRecords(tx, domain, losses);
  await holdBases(tx, bases);
  // In one order, so that two commits never wait for each other in a circle.
  for (const image of input.images.toSorted((a, b) => (a.id < b.id ? -1 : 1))) {
    // The same lock as discardManifest: a manifest is not removed between this look and the row that refers to it.
    await tx.$executeRaw`select pg_advisory_xact_lock(hashtextextended(${image.id}, 0))`;
    if ((await domain.storage.size(manifestKey(domain.prefix, image.id))) === null)
      throw integrity(`The manifest of the volume ${image.volumeName} was removed meanwhile.`);
  }
  const contents = {
    logicalBytes: BigInt(input.logicalBytes),
    storedBytes: BigInt(input.storedBytes),
    skippedCount: input.skippedCount,
    skipped: input.skipped.slice(0, SKIPPED_MAX),
    missingVolumes: input.missingVolumes ?? [],
    lostAt: null,
    lostReason: null,
  };
  if (await isWaiting(tx, input)) {
    const ids = input.images.map(({ id }) => id);
    const present = await tx.volumeImage.findMany({ where: { id: { in: ids } }, select: { id: true } });
    const here = new Set(present.map(({ id }) => id));
    const images = { create: input.images.filter(({ id }) => !here.has(id)).map(imageRow) };
    await tx.recoveryPoint.update({ where: { id: input.id }, data: { ...contents, images } });
  } else
    await tx.recoveryPoint.create({
      data: {
        ...contents,
        id: input.id,
        agentId: input.agentId,
        repositoryId: domain.repositoryId,
        sequence: BigInt(input.sequence),
        createdAt: input.createdAt,
        label: input.label,
        locked: input.locked,
        origin: input.origin,
        snapshotRuleId: input.snapshotRuleId,
        expiresAt: input.expiresAt,
        images: { create: input.images.map(imageRow) },
      },
    });
  await tx.orphanedImage.deleteMany({ where: { id: { in: input.images.map(({ id }) => id) } } });
  await input.alongside?.(tx);
  await emitEvent(tx, "recovery-point", input.id);
  await emitEvent(tx, "agent", input.agentId);
}

/** Is it here without all of its images, or lost? Locked, so that two who complete it do so one after the other. */
async function isWaiting(tx: Tx, input: CommitRecoveryPointInput): Promise<boolean> {
  await tx.$executeRaw`select 1 from recovery_point where id = ${input.id}::uuid for update`;
  const found = await tx.recoveryPoint.findUnique({
    where: { id: input.id },
    select: { missingVolumes: true, lostAt: true },
  });
  if (!found) return false;
  return found.lostAt !== null || found.missingVolumes.length > (input.missingVolumes?.length ?? 0);
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
