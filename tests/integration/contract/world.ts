import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll } from "vitest";
import { createAccount } from "@/lib/engine/accounts";
import { openManifest } from "@/lib/engine/manifests";
import { loadCredentials } from "@/lib/engine/pairing/credentials";
import { encodeKeys, type RecordKey } from "@/lib/engine/records/key";
import { RecordReader } from "@/lib/engine/records/read";
import { createRepository, ensureDomain } from "@/lib/engine/repositories";
import { makeKeyPair, makeSelfSigned } from "@/lib/engine/trust/x509";
import { type Pair, pairCores } from "../../support/pair";
import { PeerCore } from "../../support/peer-core";
import { WireClient, type WireFormat, type WireIdentity } from "../../support/wire-client";
import { captureBytes } from "../replication/records";

const PASSWORD = "a long enough password";

/** A recovery point of one disk that the source holds, as a client of another make would send it. */
export interface Offer {
  readonly pointId: string;
  readonly imageId: string;
  readonly epoch: number;
  readonly at: string;
  readonly headerHash: string;
  readonly sizeBytes: number;
  readonly keys: readonly RecordKey[];
  readonly keyBytes: Buffer;
  /** One for each key. */
  readonly frames: readonly Buffer[];
}

/** A target core on a real listener, two paired sources, and a client that speaks for them by hand. */
export class World {
  private constructor(
    readonly source: PeerCore,
    readonly target: PeerCore,
    readonly pair: Pair,
    readonly stranger: Pair,
    readonly sourceCoreId: string,
    readonly repositoryId: string,
    readonly volumeId: string,
    readonly identities: Record<"paired" | "other" | "administrator" | "pairedAdministrator", WireIdentity>,
  ) {}

  static async start(): Promise<World> {
    const folder = mkdtempSync(path.join(tmpdir(), "twincore-contract-"));
    afterAll(() => rmSync(folder, { recursive: true, force: true }));
    const source = await PeerCore.start("Harbour");
    const target = await PeerCore.start("Vault");
    const pair = await pairCores(source, target);
    const stranger = await pairCores(source, target);
    const ids: string[] = [];
    for (const core of [source, target]) {
      const made = await createRepository(core.ctx(), {
        name: `real ${core.name}`,
        path: path.join(folder, core.name),
      });
      await core.db.prisma.agent.updateMany({ data: { repositoryId: made.id } });
      ids.push(made.id);
    }
    const [agentId = ""] = pair.agentIds;
    const volume = { agentId, name: "disk", kind: "image" as const };
    const { id: volumeId } = await source.db.prisma.volume.create({ data: { ...volume, path: "/x" } });
    const account = { name: "Anna", email: "anna@example.com", password: PASSWORD, role: "administrator" as const };
    await createAccount(target.ctx(), account);
    const authorization = `Basic ${Buffer.from(`${account.email}:${PASSWORD}`).toString("base64")}`;
    const paired = await identityOf(source, pair);
    const identities = {
      paired,
      other: await identityOf(source, stranger),
      administrator: { authorization },
      pairedAdministrator: { ...paired, authorization },
    };
    const { id: coreId } = await source.db.prisma.core.findFirstOrThrow();
    return new World(source, target, pair, stranger, coreId, ids[1] ?? "", volumeId, identities);
  }

  get agentId(): string {
    return this.pair.agentIds[0] ?? "";
  }

  client(format: WireFormat, who: keyof World["identities"] | WireIdentity = "paired"): WireClient {
    return new WireClient(this.target.url, format, typeof who === "string" ? this.identities[who] : who);
  }

  /** A core that nobody knows yet: a fresh key with a self-signed certificate over it. */
  async newCore(name: string): Promise<WireIdentity & { keys: CryptoKeyPair }> {
    const { keys, privatePem } = await makeKeyPair();
    return { keys, key: privatePem, cert: await makeSelfSigned(keys, name, new Date()) };
  }

  /** Captures a disk on the source and reads back what a client sends of it. */
  async offer(bytes: Buffer): Promise<Offer> {
    const { source } = this;
    const volume = { volumeId: this.volumeId, name: "disk", bytes };
    const pointId = await captureBytes(source.ctx(), this.agentId, [volume]);
    const { prisma } = source.db;
    const image = await prisma.volumeImage.findFirstOrThrow({ where: { recoveryPointId: pointId } });
    const point = await prisma.recoveryPoint.findUniqueOrThrow({ where: { id: pointId }, include: { agent: true } });
    const domain = await ensureDomain(source.ctx(), point.agent);
    const keys: RecordKey[] = [];
    for await (const key of (await openManifest(domain, image.id)).keys("raw"))
      keys.push({ ...key, digest: Buffer.from(key.digest) });
    const frames: Buffer[] = [];
    const reader = new RecordReader(source.ctx(), domain);
    for await (const frame of reader.framesOf(keys.map((key) => key.digest))) frames.push(Buffer.from(frame));
    return {
      pointId,
      imageId: image.id,
      epoch: Number(point.sequence),
      at: point.createdAt.toISOString(),
      headerHash: Buffer.from(image.manifestDigest).toString("hex"),
      sizeBytes: bytes.length,
      keys,
      keyBytes: encodeKeys(keys),
      frames,
    };
  }

  /** What a session of this image declares when it starts. */
  declaration(offer: Offer, jobId: string) {
    const image = { id: offer.imageId, volumeId: this.volumeId, volumeDisplayName: "disk", volumeKind: "image" };
    const counts = {
      size: offer.sizeBytes,
      entryCount: 0,
      recordCount: offer.keys.length,
      headerHash: offer.headerHash,
    };
    return {
      agentId: this.agentId,
      jobId,
      recoveryPointId: offer.pointId,
      epochNumber: offer.epoch,
      utcCreatedTimestamp: offer.at,
      volumeImageId: offer.imageId,
      streams: [{ kind: "raw", keyCount: offer.keys.length, totalBytes: offer.sizeBytes }],
      point: { images: [{ ...image, ...counts }], logicalBytes: offer.sizeBytes, skippedCount: 0, skipped: [] },
    };
  }
}

async function identityOf(source: PeerCore, pair: Pair): Promise<WireIdentity> {
  const { cert, key } = await loadCredentials(source.ctx(), pair.sourceId);
  return { cert, key };
}
