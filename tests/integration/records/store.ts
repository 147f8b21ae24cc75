import { createCipheriv, createHash, randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll } from "vitest";
import type { Database } from "@/lib/db/client";
import type { EngineContext } from "@/lib/engine/context";
import { ManifestWriter } from "@/lib/engine/manifests";
import { readFooter } from "@/lib/engine/packs/read-footer";
import { encodeFrame } from "@/lib/engine/records/codec";
import type { RecordKey } from "@/lib/engine/records/key";
import { RecordWriter } from "@/lib/engine/records/write";
import type { CommitRecoveryPointInput } from "@/lib/engine/recovery-points/commit";
import { createRepository, type Domain, ensureDomain } from "@/lib/engine/repositories";
import type { ObjectWriter, StorageBackend } from "@/lib/storage/backend";
import { testDatabase } from "../../support/database";

const quiet = () => undefined;

export function engineContext(db: Database): EngineContext {
  return {
    actor: { kind: "system" },
    db,
    enqueue: async () => undefined,
    log: { debug: quiet, info: quiet, warn: quiet, error: quiet },
    now: () => new Date(),
    secret: Buffer.alloc(32),
  };
}

/** A repository on a real folder and database, with as many tenants as a test wants. */
export class Store {
  private constructor(
    readonly ctx: EngineContext,
    readonly folder: string,
    readonly repositoryId: string,
  ) {}

  static async start(): Promise<Store> {
    const folder = mkdtempSync(path.join(tmpdir(), "twincore-store-"));
    afterAll(() => rmSync(folder, { recursive: true, force: true }));
    const ctx = engineContext(await testDatabase());
    const { id } = await createRepository(ctx, { name: "main", path: path.join(folder, "repository") });
    return new Store(ctx, folder, id);
  }

  /** The domain of a new tenant. */
  async domain(): Promise<Domain> {
    const tenant = await this.ctx.db.prisma.tenant.create({ data: { name: randomUUID() } });
    return ensureDomain(this.ctx, { repositoryId: this.repositoryId, tenantId: tenant.id });
  }

  async agent(domain: Domain): Promise<{ agentId: string; volumeId: string }> {
    const data = { name: "machine", hostName: "machine", tenantId: domain.tenantId, repositoryId: domain.repositoryId };
    const agent = await this.ctx.db.prisma.agent.create({ data });
    const volume = await this.ctx.db.prisma.volume.create({ data: { agentId: agent.id, name: "disk", kind: "image" } });
    return { agentId: agent.id, volumeId: volume.id };
  }

  async write(domain: Domain, records: Buffer[]): Promise<RecordKey[]> {
    const writer = new RecordWriter(this.ctx, domain, {});
    const keys = await Promise.all(records.map((record) => writer.put(record)));
    await writer.finish();
    return keys;
  }

  /** Records and manifest of a point, all durable; only the commit is left to do. */
  async prepared(
    domain: Domain,
    records: Buffer[],
    change: Partial<CommitRecoveryPointInput> = {},
  ): Promise<CommitRecoveryPointInput> {
    const keys = await this.write(domain, records);
    return { ...pointOf(domain, await this.agent(domain), await manifestOf(domain, keys), records), ...change };
  }
}

export async function manifestOf(domain: Domain, keys: RecordKey[], imageId: string = randomUUID()) {
  const manifest = await ManifestWriter.create(domain, imageId);
  await manifest.startStream("raw");
  await manifest.add(keys);
  return { imageId, ...(await manifest.finish()) };
}

export function pointOf(
  domain: Domain,
  { agentId, volumeId }: { agentId: string; volumeId: string },
  manifest: { imageId: string; digest: Buffer; recordCount: number },
  records: Buffer[],
): CommitRecoveryPointInput {
  const sizeBytes = records.reduce((sum, record) => sum + record.length, 0);
  const volume = { volumeId, volumeName: "disk", volumeKind: "image" as const };
  return {
    id: randomUUID(),
    agentId,
    repositoryId: domain.repositoryId,
    tenantId: domain.tenantId,
    sequence: 1,
    createdAt: new Date(1_700_000_000_000),
    images: [
      {
        id: manifest.imageId,
        ...volume,
        sizeBytes,
        entryCount: 0,
        manifestDigest: manifest.digest,
        recordCount: manifest.recordCount,
      },
    ],
    logicalBytes: sizeBytes,
    storedBytes: sizeBytes,
    skippedCount: 0,
    skipped: [],
  };
}

/** Bytes without a pattern, the same for the same seed. */
export function noise(seed: string | number, length: number): Buffer {
  const key = digestOf(Buffer.from(String(seed))).subarray(0, 16);
  return createCipheriv("aes-128-ctr", key, Buffer.alloc(16)).update(Buffer.alloc(length));
}
export const digestOf = (bytes: Uint8Array): Buffer => createHash("sha256").update(bytes).digest();
export const framesOf = async (records: Buffer[]): Promise<Buffer[]> =>
  Promise.all(records.map(async (record) => Buffer.from(await encodeFrame(record, digestOf(record)))));
export async function* streamOf(...parts: Buffer[]): AsyncIterable<Buffer> {
  yield* parts;
}
export const errorCode = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => "no error",
    (error) => String(error.code ?? error),
  );

export async function packsOf(domain: Domain): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of domain.storage.list(`${domain.prefix}packs/`)) keys.push(key);
  return keys;
}

/** Every record that a pack's footer names, over all packs that lie in the domain. */
export async function storedDigests(domain: Domain): Promise<string[]> {
  const digests: string[] = [];
  for (const key of await packsOf(domain))
    digests.push(...(await readFooter(domain, key)).entries.map(({ digest }) => digest.toString("hex")));
  return digests.sort();
}

export async function indexedDigests(ctx: EngineContext, domain: Domain): Promise<string[]> {
  const rows = await ctx.db.prisma.record.findMany({ where: { domainId: domain.id }, select: { digest: true } });
  return rows.map(({ digest }) => Buffer.from(digest).toString("hex")).sort();
}

/** A storage that does something else at one of its calls. `before` is asked with the name of each call. */
export function faulty(storage: StorageBackend, before: (call: string) => void | Promise<void>): StorageBackend {
  const writer = (object: ObjectWriter): ObjectWriter => ({
    write: async (bytes) => {
      await before("write");
      return object.write(bytes);
    },
    commit: async () => {
      await before("commit");
      await object.commit();
      await before("committed");
    },
    abort: () => object.abort(),
  });
  return {
    put: async (key, body) => {
      await before("put");
      await storage.put(key, body);
      await before("putted");
    },
    create: async (key) => {
      await before("create");
      return writer(await storage.create(key));
    },
    read: (key, offset, length) => storage.read(key, offset, length),
    stream: (key, offset, end) => storage.stream(key, offset, end),
    size: (key) => storage.size(key),
    list: (prefix) => storage.list(prefix),
    delete: (key) => storage.delete(key),
    space: () => storage.space(),
  };
}
