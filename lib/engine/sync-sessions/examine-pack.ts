import "server-only";
import type { PackEntry } from "@/lib/engine/packs/format";
import { readFooter } from "@/lib/engine/packs/read-footer";
import { scanPack } from "@/lib/engine/packs/scan";
import { IDENTITY_KEY } from "@/lib/engine/repositories/identity";
import { TwincoreError, toTwincoreError } from "@/lib/errors";
import type { StorageBackend } from "@/lib/storage/backend";
import type { SyncWork } from "./work";

/** What the catalog says of a pack. */
export interface KnownPack {
  readonly number: bigint;
  readonly domainId: number;
  readonly sizeBytes: number;
  readonly recordCount: number;
  readonly tenantId: string;
  readonly repositoryId: string;
}

export type Verdict =
  /** As its footer says, and as the catalog does when it knows it. */
  | { readonly kind: "sound"; readonly entries: readonly PackEntry[] }
  /** Only these records of it are sound; without a reason it is the catalog that was behind. */
  | { readonly kind: "partly"; readonly entries: readonly PackEntry[]; readonly reason: string | null }
  /** It stays out of the index, or stays as it is there. */
  | { readonly kind: "unusable"; readonly reason: string }
  /** Removed since it was listed. */
  | { readonly kind: "gone" };

interface PackFile {
  readonly key: string;
  readonly sizeBytes: number;
  readonly tenantId: string;
  readonly packId: string;
}

/** Looks at a pack's end, and at all of it when records are to be verified or something does not agree. */
export async function examinePack(work: SyncWork, file: PackFile, known: KnownPack | null): Promise<Verdict> {
  const isElsewhere = known && (known.repositoryId !== work.repository.id || known.tenantId !== file.tenantId);
  if (isElsewhere)
    return { kind: "unusable", reason: "A pack of this id belongs to another repository or tenant of this core." };
  try {
    return await examine(work, file, known);
  } catch (thrown) {
    const { code, message } = toTwincoreError(thrown);
    if (code === "not_found") return { kind: "gone" };
    if (code !== "unavailable") throw thrown;
    // One file that cannot be read is a problem; a repository that cannot be read is the end of the session.
    if ((await work.repository.storage.size(IDENTITY_KEY)) === null) throw thrown;
    return { kind: "unusable", reason: `It could not be read: ${message}` };
  }
}

async function examine({ repository, progress }: SyncWork, file: PackFile, known: KnownPack | null): Promise<Verdict> {
  const { storage } = repository;
  const footer = await footerOf(storage, file.key);
  if (footer && footer.packId !== file.packId)
    return { kind: "unusable", reason: "This is another pack than its name says. It was left as it is." };
  const agrees = !known || (known.sizeBytes === file.sizeBytes && known.recordCount === footer?.entries.length);
  if (footer && agrees && !progress.verifyRecords) return { kind: "sound", entries: footer.entries };
  // Records that were found damaged before stay out of the index, though the footer still names them.
  const entries = await scanPack({ storage }, file.key);
  if (footer && entries.length === footer.entries.length)
    return agrees ? { kind: "sound", entries } : { kind: "partly", entries, reason: null };
  const expected = footer?.entries.length ?? known?.recordCount;
  const of = expected === undefined ? "" : ` of ${expected}`;
  const what = footer ? "Records in this pack are damaged" : "The end of this pack is missing or damaged";
  return { kind: "partly", entries, reason: `${what}: ${entries.length}${of} records in it are sound.` };
}

/** null when it has none that is valid. */
async function footerOf(storage: StorageBackend, key: string) {
  try {
    const { tail, entries } = await readFooter({ storage }, key);
    return { packId: tail.packId, entries };
  } catch (error) {
    if (error instanceof TwincoreError && error.code === "integrity") return null;
    throw error;
  }
}
