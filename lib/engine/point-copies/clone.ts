import "server-only";
import { withTransaction } from "@/lib/db/transaction";
import { writeAudit } from "@/lib/engine/audit";
import type { EngineContext } from "@/lib/engine/context";
import { discardManifest } from "@/lib/engine/manifests";
import { manifestKey } from "@/lib/engine/manifests/format";
import { wakeTargets } from "@/lib/engine/metadata/announce";
import { newPackId as newId } from "@/lib/engine/packs/pack-id";
import { type CommitImageInput, commitInto } from "@/lib/engine/recovery-points/commit";
import { nextSequence } from "@/lib/engine/recovery-points/next-sequence";
import { SkippedFile } from "@/lib/engine/recovery-points/schemas";
import { type Domain, ensureDomain } from "@/lib/engine/repositories/open";
import { conflict, invalidInput, notFound, TwincoreError } from "@/lib/errors";
import type { Prisma, Volume } from "@/prisma/generated/client";
import { copyVolumes } from "./copy-volumes";
import { CloneRecoveryPointInput } from "./schemas";

/** Points of one agent that are made at the same moment take numbers in turn; so many at once is more than a core runs. */
const TRIES_MAX = 20;

const withImages = { agent: true, images: { include: { volume: true } } } satisfies Prisma.RecoveryPointInclude;
type Original = Prisma.RecoveryPointGetPayload<{ include: typeof withImages }>;

/**
 * Makes a recovery point of an agent that shows what another one shows, as the newest of that agent: with ids, manifests and a
 * document of its own over the same records, so that either may be deleted alone. Written as a capture is: manifests, document,
 * rows; a crash leaves manifests without a point. Throws `not_found`, `invalid_input` when the agent is of another tenant or
 * repository, `conflict` when the point is not whole or the agent is being deleted, `integrity` when records of it are missing.
 */
export async function cloneRecoveryPoint(
  ctx: EngineContext,
  given: CloneRecoveryPointInput,
): Promise<{ recoveryPointId: string }> {
  const input = CloneRecoveryPointInput.parse(given);
  const original = await readOriginal(ctx, input);
  const domain = await ensureDomain(ctx, original.agent);
  const volumes = await withTransaction(ctx.db, (tx) =>
    input.toAgentId === original.agentId
      ? Promise.resolve(new Map(original.images.map(({ volume }) => [volume.name, volume])))
      : copyVolumes(
          tx,
          input.toAgentId,
          original.images.map(({ volume }) => volume),
        ),
  );
  const createdAt = input.createdAt ? new Date(input.createdAt) : ctx.now();
  const id = newId(ctx.now().getTime());
  const images = original.images.map((image) => ({ of: image.id, image: cloned(ctx, image, volumes) }));
  try {
    for (const { of, image } of images) await copyManifest(domain, of, image.id);
    await commitClone(
      ctx,
      domain,
      original,
      { ...input, id, createdAt },
      images.map(({ image }) => image),
    );
  } catch (error) {
    for (const { image } of images) await discardManifest(ctx, domain, image.id).catch(() => undefined);
    throw error;
  }
  await wakeTargets(ctx, input.toAgentId);
  return { recoveryPointId: id };
}

async function readOriginal(ctx: EngineContext, input: { recoveryPointId: string; toAgentId: string }) {
  const [original, agent] = await Promise.all([
    ctx.db.prisma.recoveryPoint.findUnique({ where: { id: input.recoveryPointId }, include: withImages }),
    ctx.db.prisma.agent.findUnique({ where: { id: input.toAgentId } }),
  ]);
  if (!original) throw notFound("recovery point");
  if (!agent) throw notFound("agent");
  if (agent.tenantId !== original.agent.tenantId || agent.repositoryId !== original.repositoryId)
    throw invalidInput("A recovery point is copied inside of its own tenant and repository only.");
  if (agent.deletionAskedAt) throw conflict(`${agent.name} is being deleted with its recovery points.`);
  if (original.missingVolumes.length > 0)
    throw conflict(`This recovery point lacks the volumes ${original.missingVolumes.join(", ")}. Choose a whole one.`);
  return original;
}

function cloned(
  ctx: EngineContext,
  image: Original["images"][number],
  volumes: ReadonlyMap<string, Volume>,
): CommitImageInput {
  const volume = volumes.get(image.volume.name);
  if (volume?.kind !== image.kind)
    throw conflict(`The agent has a volume "${image.volume.name}" of another kind than the recovery point.`);
  return {
    id: newId(ctx.now().getTime()),
    volumeId: volume.id,
    volumeName: volume.name,
    volumeKind: image.kind,
    sizeBytes: image.sizeBytes,
    entryCount: image.entryCount,
    recordCount: image.recordCount,
    manifestDigest: Buffer.from(image.manifestDigest),
  };
}

/** A manifest holds no id, so its bytes are the same; the commit checks each block of it. */
async function copyManifest(domain: Domain, fromImageId: string, toImageId: string): Promise<void> {
  const writer = await domain.storage.create(manifestKey(domain.prefix, toImageId));
  try {
    for await (const piece of domain.storage.stream(manifestKey(domain.prefix, fromImageId))) await writer.write(piece);
    await writer.commit();
  } catch (error) {
    await writer.abort();
    throw error;
  }
}

async function commitClone(
  ctx: EngineContext,
  domain: Domain,
  original: Original,
  { id, toAgentId, createdAt, label }: { id: string; toAgentId: string; createdAt: Date; label: string },
  images: CommitImageInput[],
): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await commitInto(ctx, domain, {
        id,
        agentId: toAgentId,
        repositoryId: domain.repositoryId,
        tenantId: domain.tenantId,
        sequence: await nextSequence(ctx, toAgentId),
        createdAt,
        images,
        logicalBytes: original.logicalBytes,
        // Its records are those of the original.
        storedBytes: 0,
        label,
        skippedCount: original.skippedCount,
        skipped: SkippedFile.array().catch([]).parse(original.skipped),
        alongside: (tx) => writeAudit(tx, ctx, "recovery-point.clone", id, { of: original.id, agentId: toAgentId }),
      });
    } catch (error) {
      if (!(error instanceof TwincoreError) || error.code !== "conflict" || attempt === TRIES_MAX) throw error;
    }
  }
}
