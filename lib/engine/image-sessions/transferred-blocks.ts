import "server-only";
import type { EngineContext } from "@/lib/engine/context";
import { type Manifest, openManifest, packBits } from "@/lib/engine/manifests";
import { findMissing } from "@/lib/engine/records/find";
import { decodeKeys, isHole, type RecordKey } from "@/lib/engine/records/key";
import type { ParticularVolumeImageRef } from "@/lib/engine/replication/direct-schemas";
import type { ImageSessionRef } from "@/lib/engine/replication/peer-schemas";
import type { Domain } from "@/lib/engine/repositories/open";
import { notFound } from "@/lib/errors";
import { readBatches } from "./batches";
import { changedBlocksOf, changedKeys } from "./changed-blocks";
import { domainOf, requireImageSession, requireReplicatedAgent, type SessionRow } from "./find";

/** Keys that are looked up together: some tens of milliseconds. A multiple of eight. */
const KEYS_PER_LOOK = 8192;

/**
 * One bit per block, in order, the lowest bit of a byte first: is its record (or hole) durable here now? Of an image that is
 * committed, or that comes directly, per block of the image; else per key that was offered so far. Nothing of it is remembered:
 * every bit is asked of the index when it is sent. A changed block whose key has not come is not here.
 */
export async function getTransferredBlocks(
  ctx: EngineContext,
  input: ImageSessionRef,
): Promise<AsyncIterable<Uint8Array>> {
  const { row } = await requireImageSession(ctx, input);
  return ofSession(ctx, row, await domainOf(ctx, row.agentId));
}

/**
 * The same for an image by its volume and epoch, whether it is in a recovery point or on its way. Throws `not_found` when neither
 * is so, and for another core's agent.
 */
export async function getTransferredBlocksOfImage(
  ctx: EngineContext,
  { agentId, volumeDriverId, epochNumber }: ParticularVolumeImageRef,
): Promise<AsyncIterable<Uint8Array>> {
  const agent = await requireReplicatedAgent(ctx, agentId);
  const domain = await domainOf(ctx, agent.id);
  const committed = await ctx.db.prisma.volumeImage.findFirst({
    where: { volumeId: volumeDriverId, recoveryPoint: { agentId: agent.id, sequence: BigInt(epochNumber) } },
    select: { id: true },
  });
  if (committed) return bits(ctx, domain, ofManifest(await openManifest(domain, committed.id)));
  const [coming] = await ctx.db.prisma.$queryRaw<{ id: string }[]>`
    select s.id from image_session s
    where s.agent_id = ${agent.id}::uuid and s.pairing_id = ${agent.pairingId}::uuid and s.state <> 'aborted'
      and (s.declared->>'epochNumber')::bigint = ${epochNumber}
      and exists (
        select 1 from jsonb_array_elements(s.declared->'point'->'images') as image
        where image->>'id' = s.volume_image_id::text and image->>'volumeId' = ${volumeDriverId.toLowerCase()}
      )
    order by s.created_at desc, s.id desc limit 1`;
  if (!coming) throw notFound("volume image");
  const { row } = await requireImageSession(ctx, { sessionId: coming.id });
  return ofSession(ctx, row, domain);
}

async function ofSession(ctx: EngineContext, row: SessionRow, domain: Domain): Promise<AsyncIterable<Uint8Array>> {
  // The keys of a committed image became its manifest.
  if (row.state === "committed") return bits(ctx, domain, ofManifest(await openManifest(domain, row.volumeImageId)));
  if (row.mode === "negotiated") return bits(ctx, domain, ofOffered(ctx, row));
  const bitmap = await changedBlocksOf(ctx.db, row.id);
  const base = row.baseImageId && bitmap ? await openManifest(domain, row.baseImageId).catch(() => null) : null;
  // Without a bitmap, or with a base that is gone, no block is known to be here.
  return bits(ctx, domain, base && bitmap ? changedKeys(ctx.db, row, base, bitmap) : nothing(row.keyCount));
}

type Keys = AsyncIterable<readonly (RecordKey | null)[]>;

async function* ofManifest(manifest: Manifest): AsyncGenerator<RecordKey[]> {
  for (const { kind } of manifest.streams) for await (const piece of manifest.packedKeys(kind)) yield decodeKeys(piece);
}

async function* ofOffered(ctx: EngineContext, row: SessionRow): AsyncGenerator<RecordKey[]> {
  for await (const batch of readBatches(ctx.db, row.id)) yield decodeKeys(batch);
}

async function* nothing(keyCount: number): AsyncGenerator<null[]> {
  for (let at = 0; at < keyCount; at += KEYS_PER_LOOK)
    yield new Array<null>(Math.min(KEYS_PER_LOOK, keyCount - at)).fill(null);
}

async function* bits(ctx: EngineContext, domain: Domain, keys: Keys): AsyncGenerator<Uint8Array> {
  let waiting: (RecordKey | null)[] = [];
  for await (const piece of keys) {
    waiting = waiting.concat(piece);
    for (; waiting.length >= KEYS_PER_LOOK; waiting = waiting.slice(KEYS_PER_LOOK))
      yield packBits(await areHere(ctx, domain, waiting.slice(0, KEYS_PER_LOOK)));
  }
  if (waiting.length > 0) yield packBits(await areHere(ctx, domain, waiting));
}

async function areHere(ctx: EngineContext, domain: Domain, keys: readonly (RecordKey | null)[]): Promise<boolean[]> {
  const digests = keys.flatMap((key) => (key && !isHole(key) ? [key.digest] : []));
  const missing = new Set<string>();
  for (const at of await findMissing(ctx, domain.id, digests)) missing.add(digests[at]?.toString("latin1") ?? "");
  return keys.map((key) => key !== null && (isHole(key) || !missing.has(key.digest.toString("latin1"))));
}
