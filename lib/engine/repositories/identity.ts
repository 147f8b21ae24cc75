import "server-only";
import { z } from "zod";
import { TwincoreError } from "@/lib/errors";
import type { StorageBackend } from "@/lib/storage/backend";

/** The file by which a folder says that it is a repository, and which one. */
export const IDENTITY_KEY = "twincore-repository.json";
export const FORMAT_VERSION = 1;
const IDENTITY_BYTES_MAX = 64 * 1024;

const Identity = z.object({
  format: z.literal("twincore-repository"),
  version: z.number().int().positive(),
  id: z.uuid(),
  createdAt: z.iso.datetime(),
});
export type Identity = z.infer<typeof Identity>;

/** Throws `conflict` when the storage has an identity. */
export async function writeIdentity(storage: StorageBackend, id: string, createdAt: Date): Promise<void> {
  const identity: Identity = {
    format: "twincore-repository",
    version: FORMAT_VERSION,
    id,
    createdAt: createdAt.toISOString(),
  };
  // Write-once: of two cores that take the same folder at once, one must lose.
  const writer = await storage.create(IDENTITY_KEY);
  try {
    await writer.write(Buffer.from(`${JSON.stringify(identity, null, 2)}\n`));
    await writer.commit();
  } catch (error) {
    await writer.abort();
    throw error;
  }
}

/** Who this storage says it is, or null when it does not. Throws `integrity` for a damaged file, `unavailable` for a newer format. */
export async function readIdentity(storage: StorageBackend): Promise<Identity | null> {
  const sizeBytes = await storage.size(IDENTITY_KEY);
  if (sizeBytes === null) return null;
  const text = await storage.read(IDENTITY_KEY, 0, Math.min(sizeBytes, IDENTITY_BYTES_MAX));
  const identity = Identity.safeParse(parse(text.toString("utf8")));
  if (!identity.success)
    throw new TwincoreError("integrity", `The identity file of the repository (${IDENTITY_KEY}) is damaged.`);
  if (identity.data.version > FORMAT_VERSION)
    throw new TwincoreError("unavailable", "A newer Twincore wrote this repository. Update this core to use it.");
  return identity.data;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
