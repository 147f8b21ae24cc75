import "server-only";
import type { Domain } from "@/lib/engine/repositories/open";
import { integrity, notFound } from "@/lib/errors";
import { decodeFooter, decodeTail, footerBytes, PACK_TAIL_BYTES, type PackEntry, type PackTail } from "./format";

/** The index of a pack from its end alone, for repository sync. Throws `not_found`, or `integrity` without a valid footer. */
export async function readFooter(
  domain: Pick<Domain, "storage">,
  key: string,
): Promise<{ tail: PackTail; entries: PackEntry[] }> {
  const sizeBytes = await domain.storage.size(key);
  if (sizeBytes === null) throw notFound("pack");
  if (sizeBytes < PACK_TAIL_BYTES) throw integrity("A pack is cut off.");
  const tail = decodeTail(await domain.storage.read(key, sizeBytes - PACK_TAIL_BYTES, PACK_TAIL_BYTES), sizeBytes);
  const length = footerBytes(tail);
  return { tail, entries: decodeFooter(await domain.storage.read(key, sizeBytes - length, length), tail) };
}
