import { randomUUID } from "node:crypto";
import { openManifest } from "@/lib/engine/manifests";
import type { RecordKey } from "@/lib/engine/records/key";
import { RecordReader } from "@/lib/engine/records/read";
import type { TargetCore } from "@/lib/engine/replication";
import { ensureDomain } from "@/lib/engine/repositories";
import { noise } from "../replication/records";
import type { TwoCores } from "../replication/two-cores";

export const SIZE = 20 * 16 * 1024;

/** A client that does by hand what a run does, so that it can do it wrong. */
export class HandMade {
  private constructor(
    readonly cores: TwoCores,
    readonly client: TargetCore,
    readonly pointId: string,
    readonly imageId: string,
    readonly declaration: Parameters<TargetCore["startImageSession"]>[0],
    readonly keys: RecordKey[],
    readonly frames: Buffer[],
  ) {}

  static async start(cores: TwoCores, disk = noise(randomUUID(), SIZE)): Promise<HandMade> {
    const { client, source, ids } = cores;
    const pointId = await cores.capture({ disk });
    const image = await source.db.prisma.volumeImage.findFirstOrThrow({ where: { recoveryPointId: pointId } });
    const point = await source.db.prisma.recoveryPoint.findUniqueOrThrow({ where: { id: pointId } });
    const domain = await ensureDomain(source.ctx, source);
    const manifest = await openManifest(domain, image.id);
    const keys: RecordKey[] = [];
    for await (const key of manifest.keys("raw")) keys.push({ ...key, digest: Buffer.from(key.digest) });
    const frames: Buffer[] = [];
    const reader = new RecordReader(source.ctx, domain);
    for await (const frame of reader.framesOf(keys.map((key) => key.digest))) frames.push(Buffer.from(frame));
    await client.startMetadataUpdate({
      agentId: ids.agentId,
      displayName: "machine",
      hostName: "",
      volumes: [{ id: ids.volumeIds.disk ?? "", displayName: "disk", volumeKind: "image" }],
    });
    const jobId = await client.startJob({ agentId: ids.agentId, masterJobId: randomUUID() });
    const headerHash = Buffer.from(image.manifestDigest).toString("hex");
    const declared = { size: disk.length, entryCount: 0, recordCount: keys.length, headerHash };
    const volume = { id: image.id, volumeId: image.volumeId, volumeDisplayName: "disk", volumeKind: "image" as const };
    const declaration = {
      agentId: ids.agentId,
      jobId,
      recoveryPointId: pointId,
      epochNumber: Number(point.sequence),
      utcCreatedTimestamp: point.createdAt.toISOString(),
      volumeImageId: image.id,
      streams: [{ kind: "raw" as const, keyCount: keys.length, totalBytes: disk.length }],
      point: { images: [{ ...volume, ...declared }], logicalBytes: disk.length, skippedCount: 0, skipped: [] },
    };
    return new HandMade(cores, client, pointId, image.id, declaration, keys, frames);
  }

  async open() {
    const sessionId = await this.client.startImageSession(this.declaration);
    return { agentId: this.declaration.agentId, jobId: this.declaration.jobId, sessionId };
  }

  transfer(ref: { agentId: string; jobId: string; sessionId: string }, ...frames: Uint8Array[]): Promise<void> {
    return this.client.transfer({ ...ref, start: 0 }, stream(frames));
  }
}

export async function* stream(pieces: Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* pieces;
}
