import "server-only";
import { decodeFrame } from "@/lib/engine/records/codec";
import { FRAME_HEADER_BYTES, readFrameHeader } from "@/lib/engine/records/frame";
import type { Domain } from "@/lib/engine/repositories/open";
import { notFound, TwincoreError } from "@/lib/errors";
import { PACK_BYTES_MAX, type PackEntry } from "./format";

/**
 * What a pack holds, found by walking it frame by frame and verifying each record: for packs whose footer is damaged or was
 * never written. Stops at the first byte that begins no sound frame header; a frame with a damaged body is left out.
 */
export async function scanPack(domain: Pick<Domain, "storage">, key: string): Promise<PackEntry[]> {
  const sizeBytes = await domain.storage.size(key);
  if (sizeBytes === null) throw notFound("pack");
  const entries: PackEntry[] = [];
  let offset = 0;
  while (offset + FRAME_HEADER_BYTES < Math.min(sizeBytes, PACK_BYTES_MAX)) {
    const header = await sound(async () => readFrameHeader(await domain.storage.read(key, offset, FRAME_HEADER_BYTES)));
    if (!header || offset + FRAME_HEADER_BYTES + header.bodyLength > sizeBytes) break;
    const length = FRAME_HEADER_BYTES + header.bodyLength;
    const at = offset;
    const whole = await sound(async () => decodeFrame(await domain.storage.read(key, at, length)));
    if (whole) entries.push({ digest: header.digest, offset, length, rawLength: header.rawLength });
    offset += length;
  }
  return entries;
}

/** null for what is damaged; a storage that does not answer is still an error. */
async function sound<T>(work: () => Promise<T>): Promise<T | null> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof TwincoreError && error.code === "integrity") return null;
    throw error;
  }
}
