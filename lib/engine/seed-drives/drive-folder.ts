import "server-only";
import { createHash } from "node:crypto";
import { integrity, notFound, TwincoreError } from "@/lib/errors";
import type { StorageBackend } from "@/lib/storage/backend";
import { openFileStorage } from "@/lib/storage/fs";
import { decrypted, encrypted, KEY_FILE_BYTES_MAX } from "./encryption";
import { type DriveFile, MANIFEST_BYTES_MAX } from "./manifest";
import { MANIFEST_NAME } from "./place";

const KEY_NAME = "key.age";
/** Age adds 16 bytes to each 64 KiB, and a header. */
const ENCRYPTION_BYTES = 1024;

export interface WrittenFile {
  readonly sizeBytes: number;
  readonly sha256: Buffer;
}

/** One folder of a drive. Its files are durable and write-once; `key` encrypts them (recipient) or decrypts them (identity). */
export class DriveFolder {
  readonly storage: StorageBackend;

  constructor(
    readonly path: string,
    private readonly key: { recipient?: string | null; identity?: string | null } = {},
  ) {
    this.storage = openFileStorage(path);
  }

  get suffix(): string {
    return this.key.recipient || this.key.identity ? ".age" : "";
  }

  /** Bytes that so many bytes of content take up. */
  sizeOnDrive(bytes: number): number {
    return this.suffix ? bytes + Math.ceil(bytes / 65_536) * 16 + ENCRYPTION_BYTES : bytes;
  }

  /** Writes a file under a name that no list knows yet: what lies there was left by a run that was killed. */
  async write(name: string, content: AsyncIterable<Uint8Array>): Promise<WrittenFile> {
    if ((await this.storage.size(name)) !== null) await this.storage.delete(name);
    const writer = await this.storage.create(name);
    const hash = createHash("sha256");
    let sizeBytes = 0;
    try {
      for await (const piece of this.key.recipient ? encrypted(this.key.recipient, content) : content) {
        hash.update(piece);
        sizeBytes += piece.length;
        await writer.write(piece);
      }
      await writer.commit();
    } catch (error) {
      await writer.abort();
      throw error;
    }
    return { sizeBytes, sha256: hash.digest() };
  }

  /** The signed manifest, which makes the folder consumable, and what a person needs beside it. */
  async finish(signed: Buffer, keyFile: Uint8Array | null): Promise<void> {
    if (keyFile) await this.storage.put(KEY_NAME, keyFile);
    await this.storage.put("README.txt", Buffer.from(readme(keyFile !== null)));
    const content = this.key.recipient
      ? await collect(encrypted(this.key.recipient, one(signed)), MANIFEST_BYTES_MAX)
      : signed;
    await this.storage.put(MANIFEST_NAME + this.suffix, content);
  }

  /** Is it encrypted, by what lies in it? */
  async isEncrypted(): Promise<boolean> {
    return (await this.storage.size(`${MANIFEST_NAME}.age`)) !== null;
  }

  /** The key under its passphrase. Throws `integrity` when it is not there. */
  async keyFile(): Promise<Buffer> {
    const sizeBytes = await this.storage.size(KEY_NAME);
    if (sizeBytes === null || sizeBytes > KEY_FILE_BYTES_MAX)
      throw integrity("The key file of this seed drive (key.age) is missing or damaged. Nothing was taken over.");
    return this.storage.read(KEY_NAME, 0, sizeBytes);
  }

  async signedManifest(): Promise<Buffer> {
    const name = MANIFEST_NAME + this.suffix;
    const sizeBytes = await this.storage.size(name);
    if (sizeBytes === null) throw notFound("manifest of this seed drive");
    if (sizeBytes > MANIFEST_BYTES_MAX) throw integrity("The manifest of this seed drive is larger than any can be.");
    return collect(this.decrypted(this.storage.stream(name)), MANIFEST_BYTES_MAX);
  }

  /** The content of a file, decrypted. Throws `integrity` by name when it is not there or has another size than was signed. */
  async *read(file: Pick<DriveFile, "name" | "sizeBytes">): AsyncGenerator<Uint8Array> {
    const sizeBytes = await this.storage.size(file.name);
    if (sizeBytes !== file.sizeBytes)
      throw integrity(
        sizeBytes === null
          ? `${file.name} is missing on the drive.`
          : `${file.name} has ${sizeBytes} bytes instead of the ${file.sizeBytes} that were signed.`,
      );
    yield* this.decrypted(this.storage.stream(file.name));
  }

  /** A whole small file whose bytes on the drive are those that were signed. Throws `integrity`. */
  async readWhole(file: DriveFile, bytesMax: number): Promise<Buffer> {
    if (file.sizeBytes > bytesMax)
      throw new TwincoreError("too_large", `${file.name} is larger than any such file can be.`);
    const hash = createHash("sha256");
    for await (const piece of this.storage.stream(file.name)) hash.update(piece);
    if (hash.digest("hex") !== file.sha256) throw integrity(`${file.name} is not the file that was signed.`);
    return collect(this.read(file), bytesMax);
  }

  private decrypted(content: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
    return this.key.identity ? decrypted(this.key.identity, content) : content;
  }
}

async function collect(content: AsyncIterable<Uint8Array>, bytesMax: number): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const piece of content) {
    length += piece.length;
    if (length > bytesMax) throw new TwincoreError("too_large", "A file of the seed drive is larger than any can be.");
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}

async function* one(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

const readme = (isEncrypted: boolean): string =>
  `This folder is a Twincore seed drive: recovery points on their way from one core to another.
Carry it to the target core and name this folder there, under "Seed drives", "Consume a drive".
Change nothing in it: every file is listed in a signed manifest.
${isEncrypted ? "Its files are encrypted (age). The target asks for the passphrase that was chosen for the export.\n" : ""}`;
