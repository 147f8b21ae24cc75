import "server-only";
import type { Tx } from "@/lib/db/client";
import { withTransaction } from "@/lib/db/transaction";
import type { EngineContext } from "@/lib/engine/context";
import { discardDamaged, openManifest } from "@/lib/engine/manifests";
import { MANIFEST_KEYS_MAX } from "@/lib/engine/manifests/format";
import { assertFollows } from "@/lib/engine/pull/lead";
import { reservePoint } from "@/lib/engine/quotas";
import type { PointImage, StartVolumeImageReplicationSessionRequest } from "@/lib/engine/replication/peer-schemas";
import { type Domain, ensureDomain } from "@/lib/engine/repositories/open";
import { conflict, invalidInput, notFound } from "@/lib/errors";
import type { ImageSessionState } from "@/prisma/generated/client";
import { requireReplicatedAgent } from "./find";
import { assertRoom } from "./room";

type Input = StartVolumeImageReplicationSessionRequest;

/** The image here that a direct session changes. */
export interface DirectBase {
  readonly imageId: string;
}

/**
 * Begins the transfer of one volume image, and gives the session's id. The same image of the same job gives the same session.
 * An image that is here already gives a session that is committed. Throws `not_found` for foreign agents and jobs,
 * `storage_full` without space or quota, `conflict` when the point is here with other images.
 */
export const startImageSession = (ctx: EngineContext, input: Input): Promise<string> => beginSession(ctx, input, null);

/** As startImageSession, for both ways: `findBase` is asked only when the image has still to come. */
export async function beginSession(
  ctx: EngineContext,
  input: Input,
  findBase: ((domain: Domain, image: PointImage) => Promise<DirectBase>) | null,
): Promise<string> {
  const agent = await requireReplicatedAgent(ctx, input.agentId);
  await assertFollows(ctx.db.prisma, { agentId: agent.id, pairingId: agent.pairingId });
  const job = await ctx.db.prisma.remoteJob.findFirst({
    where: { id: input.jobId, agentId: agent.id, pairingId: agent.pairingId },
  });
  if (!job) throw notFound("replication job");
  const image = declaredImage(input);
  const over = { jobId: job.id, volumeImageId: image.id, state: { in: ["committing" as const, "committed" as const] } };
  const again = await ctx.db.prisma.imageSession.findFirst({ where: over, select: { id: true } });
  if (again) return again.id;
  await assertVolumes(ctx, input);
  const domain = await ensureDomain(ctx, agent);
  const state = (await isHere(ctx, domain, input, image)) ? "committed" : "open";
  const base = state === "open" && findBase ? await findBase(domain, image) : null;
  if (state === "open") await assertFits(ctx, domain, agent.id, input);
  return createSession(ctx, agent.pairingId, input, { image, state, base });
}

/** Throws `storage_full` when nothing more can be stored, or a quota on protected bytes has no room for the point. */
async function assertFits(ctx: EngineContext, domain: Domain, agentId: string, input: Input): Promise<void> {
  await assertRoom(ctx, domain, agentId, 1);
  const { recoveryPointId: id, epochNumber: sequence, point } = input;
  const whose = { agentId, tenantId: domain.tenantId };
  await reservePoint(ctx, whose, { id, sequence, logicalBytes: point.logicalBytes });
}

/** The image among those of its point. Throws `invalid_input` when the declaration does not agree with itself. */
function declaredImage(input: Input): PointImage {
  const image = input.point.images.find(({ id }) => id === input.volumeImageId);
  if (!image) throw invalidInput("The volume image is not among the images of its recovery point.");
  // Sorted: a capture knows its entries when the payload is behind it, but the manifest may hold them in either order.
  const kinds = input.streams
    .map((stream) => stream.kind)
    .sort()
    .join(" ");
  if (kinds !== (image.volumeKind === "folder" ? "entries payload" : "raw"))
    throw invalidInput(`A ${image.volumeKind} image cannot consist of the streams: ${kinds}.`);
  const keyCount = input.streams.reduce((sum, stream) => sum + stream.keyCount, 0);
  if (keyCount !== image.recordCount) throw invalidInput("The streams hold another number of records than the image.");
  if (keyCount > MANIFEST_KEYS_MAX) throw invalidInput(`An image has at most ${MANIFEST_KEYS_MAX} records.`);
  return image;
}

async function assertVolumes(ctx: EngineContext, input: Input): Promise<void> {
  const ids = new Set(input.point.images.map((image) => image.volumeId));
  if (ids.size !== input.point.images.length) throw invalidInput("A recovery point has one image of each volume.");
  const known = await ctx.db.prisma.volume.count({ where: { agentId: input.agentId, id: { in: [...ids] } } });
  if (known !== ids.size)
    throw conflict("The agent has volumes that this core does not know. Update its metadata first.");
}

/** Is the image complete here: in a committed point, or from an earlier job whose point waits for its other images? */
async function isHere(ctx: EngineContext, domain: Domain, input: Input, image: PointImage): Promise<boolean> {
  const point = await ctx.db.prisma.recoveryPoint.findUnique({
    where: { id: input.recoveryPointId },
    include: { images: true },
  });
  if (point) {
    const present = point.images.find(({ id }) => id === image.id);
    const same = present && Buffer.from(present.manifestDigest).toString("hex") === image.headerHash;
    // What storage lost is sent anew: its manifest, and the records that are missing.
    if (point.agentId === input.agentId && same) {
      if (point.lostAt) await discardDamaged(domain, image.id);
      return point.lostAt === null;
    }
    // A person made it of the images that had come; this one completes it.
    if (present || point.agentId !== input.agentId || point.missingVolumes.length === 0)
      throw conflict("This core holds another recovery point of that id. Nothing was changed.");
  }
  if (!(await isOrphaned(ctx, input, image)) && !(await waits(ctx, input, image))) return false;
  const manifest = await openManifest(domain, image.id).catch(() => null);
  return manifest?.digest.toString("hex") === image.headerHash;
}

/** Is it complete here without its point? Throws `conflict` when what is here under its id is another image. */
async function isOrphaned(ctx: EngineContext, input: Input, image: PointImage): Promise<boolean> {
  const orphan = await ctx.db.prisma.orphanedImage.findUnique({ where: { id: image.id } });
  if (!orphan) return false;
  const digest = Buffer.from(orphan.manifestDigest).toString("hex");
  const { agentId, recoveryPointId } = orphan;
  if (agentId === input.agentId && recoveryPointId === input.recoveryPointId && digest === image.headerHash)
    return true;
  throw conflict("This core holds another image of that id. Nothing was changed.");
}

/** Did an earlier job bring the image, and other images of its point are still to come? */
async function waits(ctx: EngineContext, input: Input, image: PointImage): Promise<boolean> {
  const where = { agentId: input.agentId, recoveryPointId: input.recoveryPointId, state: "committed" as const };
  const committed = await ctx.db.prisma.imageSession.findMany({ where, select: { volumeImageId: true } });
  const ids = new Set(committed.map(({ volumeImageId }) => volumeImageId));
  if (!input.point.images.every(({ id }) => ids.has(id))) return ids.has(image.id);
  // All came and made the point, which was removed since: it begins anew.
  await ctx.db.prisma.imageSession.updateMany({ where, data: { state: "aborted" } });
  return false;
}

interface NewSession {
  readonly image: PointImage;
  readonly state: ImageSessionState;
  readonly base: DirectBase | null;
}

/**
 * Sessions of earlier jobs for the same image are over: only one run of an agent goes on at a time. Of two equal requests at
 * once, as a client sends them that lost an answer, the second gets the session of the first.
 */
function createSession(ctx: EngineContext, pairingId: string, input: Input, made: NewSession): Promise<string> {
  const { image, state, base } = made;
  const { epochNumber, utcCreatedTimestamp, streams, point } = input;
  const mode = base ? "direct" : "negotiated";
  return withTransaction(ctx.db, async (tx) => {
    await tx.$executeRaw`select pg_advisory_xact_lock(hashtextextended(${`start ${image.id}`}, 0))`;
    const older = await tx.imageSession.findMany({
      where: { agentId: input.agentId, volumeImageId: image.id, state: "open" },
      select: { id: true, jobId: true, mode: true, baseImageId: true },
    });
    const same = older.find(
      (one) => one.jobId === input.jobId && one.mode === mode && one.baseImageId === (base?.imageId ?? null),
    );
    if (same && state === "open") return same.id;
    await dropSessions(
      tx,
      older.map(({ id }) => id),
    );
    const { id } = await tx.imageSession.create({
      data: {
        pairingId,
        jobId: input.jobId,
        agentId: input.agentId,
        recoveryPointId: input.recoveryPointId,
        volumeImageId: image.id,
        state,
        mode,
        baseImageId: base?.imageId ?? null,
        declared: { epochNumber, utcCreatedTimestamp, streams, point },
        keyCount: image.recordCount,
      },
    });
    return id;
  });
}

/** What was offered in them is forgotten; records that came stay, and are known to whoever offers them again. */
export async function dropSessions(tx: Tx, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  await tx.imageSession.updateMany({
    where: { id: { in: [...ids] } },
    data: { state: "aborted", changedBlocks: null },
  });
  await tx.imageSessionKeys.deleteMany({ where: { sessionId: { in: [...ids] } } });
}
