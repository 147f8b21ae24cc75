import "server-only";
import { type Manifest, openManifest } from "@/lib/engine/manifests";
import type { RecordContext } from "@/lib/engine/records/connection";
import { countUnindexed } from "@/lib/engine/records/find";
import type { Domain } from "@/lib/engine/repositories/open";
import { toTwincoreError } from "@/lib/errors";
import { mapSome } from "./batches";

/** Manifests that are opened at once; each costs three reads. */
const AT_ONCE = 8;
/** A manifest is read in pieces of 1,024 keys, and a statement takes 10,000. */
const PIECES_PER_STATEMENT = 9;

export interface ImageToCheck {
  readonly id: string;
  readonly volumeName: string;
  /** Hexadecimal. */
  readonly manifestDigest: string;
  readonly recordCount: number;
}

/**
 * What is wrong with images, by id; whole ones are not in it. Each manifest must be there and be the declared one; with `records`
 * every key of it must be indexed too, many images to a statement.
 */
export async function findBrokenImages(
  ctx: RecordContext,
  domain: Domain,
  images: readonly ImageToCheck[],
  { records }: { records: boolean },
): Promise<Map<string, string>> {
  const broken = new Map<string, string>();
  const opened = await mapSome(images, AT_ONCE, async (image) => {
    const found = await openDeclared(domain, image);
    if (typeof found === "string") broken.set(image.id, found);
    return { image, manifest: typeof found === "string" ? null : found };
  });
  if (!records) return broken;
  const batch = new KeyBatch(ctx, domain.id, broken);
  for (const { image, manifest } of opened) if (manifest) await addKeys(batch, image, manifest);
  await batch.look();
  return broken;
}

async function openDeclared(domain: Domain, image: ImageToCheck): Promise<Manifest | string> {
  const { volumeName } = image;
  try {
    const manifest = await openManifest(domain, image.id);
    const isDeclared = manifest.digest.toString("hex") === image.manifestDigest;
    if (isDeclared && manifest.recordCount === image.recordCount) return manifest;
    return `The manifest of the volume ${volumeName} is another one.`;
  } catch (error) {
    const { code } = toTwincoreError(error);
    if (code === "not_found") return `The manifest of the volume ${volumeName} is missing.`;
    if (code === "integrity") return `The manifest of the volume ${volumeName} is damaged.`;
    throw error;
  }
}

async function addKeys(batch: KeyBatch, image: ImageToCheck, manifest: Manifest): Promise<void> {
  try {
    for (const { kind } of manifest.streams)
      for await (const piece of manifest.packedKeys(kind)) await batch.add(image, piece);
  } catch (error) {
    if (toTwincoreError(error).code !== "integrity") throw error;
    batch.broken.set(image.id, `The manifest of the volume ${image.volumeName} is damaged.`);
  }
}

/** Pieces of keys of several images that are looked up together. */
class KeyBatch {
  private pieces: { image: ImageToCheck; piece: Buffer }[] = [];
  private readonly missing = new Map<string, number>();

  constructor(
    private readonly ctx: RecordContext,
    private readonly domainId: number,
    readonly broken: Map<string, string>,
  ) {}

  async add(image: ImageToCheck, piece: Buffer): Promise<void> {
    this.pieces.push({ image, piece });
    if (this.pieces.length >= PIECES_PER_STATEMENT) await this.look();
  }

  async look(): Promise<void> {
    const { pieces } = this;
    this.pieces = [];
    const keys = Buffer.concat(pieces.map(({ piece }) => piece));
    if (keys.length === 0 || (await countUnindexed(this.ctx, this.domainId, keys)) === 0) return;
    // Only where records are missing it matters whose they are.
    for (const { image, piece } of pieces) {
      const count = await countUnindexed(this.ctx, this.domainId, piece);
      if (count > 0) this.note(image, count);
    }
  }

  private note({ id, volumeName }: ImageToCheck, count: number): void {
    const missing = (this.missing.get(id) ?? 0) + count;
    this.missing.set(id, missing);
    const what = missing === 1 ? "1 record" : `${missing} records`;
    this.broken.set(id, `${what} of the volume ${volumeName} ${missing === 1 ? "is" : "are"} missing or damaged.`);
  }
}
