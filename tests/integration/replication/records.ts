import { createCipheriv, createHash, randomUUID } from "node:crypto";
import type { EngineContext } from "@/lib/engine/context";
import { ManifestWriter, openManifest } from "@/lib/engine/manifests";
import { RecordReader } from "@/lib/engine/records/read";
import { RecordWriter } from "@/lib/engine/records/write";
import { commitRecoveryPoint } from "@/lib/engine/recovery-points/commit";
import { ensureDomain } from "@/lib/engine/repositories/open";

const RECORD_BYTES = 16 * 1024;

/** Bytes that no compression makes smaller, the same for the same seed. */
export function noise(seed: string, length: number): Buffer {
  const key = createHash("sha256").update(seed).digest();
  return createCipheriv("aes-256-ctr", key, Buffer.alloc(16)).update(Buffer.alloc(length));
}

export interface CapturedVolume {
  readonly volumeId: string;
  readonly name: string;
  readonly bytes: Buffer;
}

/** A recovery point made of bytes in memory, cut into small records so that a little data has many of them. */
export async function captureBytes(ctx: EngineContext, agentId: string, volumes: CapturedVolume[]): Promise<string> {
  const agent = await ctx.db.prisma.agent.findUniqueOrThrow({ where: { id: agentId } });
  const domain = await ensureDomain(ctx, agent);
  const images = [];
  for (const { volumeId, name, bytes } of volumes) {
    const id = randomUUID();
    const writer = new RecordWriter(ctx, domain);
    const keys = [];
    for (let at = 0; at < bytes.length; at += RECORD_BYTES)
      keys.push(await writer.put(Buffer.from(bytes.subarray(at, at + RECORD_BYTES))));
    await writer.finish();
    const manifest = await ManifestWriter.create(domain, id);
    await manifest.startStream("raw");
    await manifest.add(keys);
    const { digest, recordCount } = await manifest.finish();
    images.push({
      id,
      volumeId,
      volumeName: name,
      volumeKind: "image" as const,
      sizeBytes: bytes.length,
      entryCount: 0,
      manifestDigest: digest,
      recordCount,
    });
  }
  const newest = await ctx.db.prisma.recoveryPoint.aggregate({ where: { agentId }, _max: { sequence: true } });
  const id = randomUUID();
  await commitRecoveryPoint(ctx, {
    id,
    agentId,
    repositoryId: agent.repositoryId,
    tenantId: agent.tenantId,
    sequence: (newest._max.sequence ?? 0n) + 1n,
    createdAt: ctx.now(),
    images,
    logicalBytes: volumes.reduce((sum, { bytes }) => sum + bytes.length, 0),
    storedBytes: 0,
    skippedCount: 1,
    skipped: [{ path: "a file", reason: "it vanished" }],
  });
  return id;
}

/** The bytes of each volume of a recovery point, read from this core's repository and verified on the way. */
export async function readBytes(ctx: EngineContext, pointId: string): Promise<Map<string, Buffer>> {
  const point = await ctx.db.prisma.recoveryPoint.findUniqueOrThrow({
    where: { id: pointId },
    include: { agent: true, images: { include: { volume: true } } },
  });
  const domain = await ensureDomain(ctx, point.agent);
  const volumes = new Map<string, Buffer>();
  for (const image of point.images) {
    const manifest = await openManifest(domain, image.id);
    const parts: Buffer[] = [];
    for await (const { plain } of new RecordReader(ctx, domain).readMany(manifest.keys("raw")))
      parts.push(Buffer.from(plain));
    volumes.set(image.volume.name, Buffer.concat(parts));
  }
  return volumes;
}
