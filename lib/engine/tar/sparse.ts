import "server-only";
import type { Entry, FolderImage } from "@/lib/engine/folder-images";
import { isHole } from "@/lib/engine/records/key";
import { padded, type SparseContent } from "./header";

export interface Extent {
  offset: number;
  length: number;
}

export interface SparseMap extends SparseContent {
  /** The parts that have data, in order. */
  extents: Extent[];
  /** The map as it stands before the data. */
  head: Buffer;
}

/** Smaller files share records, which say nothing of their holes; they are sent with their zeros. */
const SPARSE_BYTES_MIN = 256 * 1024;

/** Where a sparse file has data, as the keys of its records tell it; null when it is to be sent as it is. */
export async function sparseMap(image: FolderImage, entry: Entry, payloadOffset: number): Promise<SparseMap | null> {
  if (!entry.sparse || entry.sizeBytes < SPARSE_BYTES_MIN) return null;
  const extents = await dataExtents(image, payloadOffset, payloadOffset + entry.sizeBytes);
  const dataBytes = extents.reduce((sum, extent) => sum + extent.length, 0);
  if (dataBytes === entry.sizeBytes) return null;
  const head = encodeMap(extents, entry.sizeBytes);
  return { extents, head, contentBytes: head.length + dataBytes };
}

async function dataExtents(image: FolderImage, start: number, end: number): Promise<Extent[]> {
  const first = await image.manifest.findByOffset("payload", start);
  const extents: Extent[] = [];
  let at = first.startOffset;
  for await (const key of image.manifest.keys("payload", first.index)) {
    if (at >= end) break;
    const from = Math.max(at, start) - start;
    const to = Math.min(at + key.rawLength, end) - start;
    const last = extents.at(-1);
    at += key.rawLength;
    if (isHole(key)) continue;
    if (last && last.offset + last.length === from) last.length += to - from;
    else extents.push({ offset: from, length: to - from });
  }
  return extents;
}

/** GNU's format 1.0: a count, then offset and length of each part; an empty part at the end makes a hole at the end. */
function encodeMap(extents: readonly Extent[], sizeBytes: number): Buffer {
  const last = extents.at(-1);
  const all =
    last && last.offset + last.length === sizeBytes ? extents : [...extents, { offset: sizeBytes, length: 0 }];
  const text = [all.length, ...all.flatMap(({ offset, length }) => [offset, length])].join("\n");
  const bytes = Buffer.alloc(padded(text.length + 1));
  bytes.write(`${text}\n`, "latin1");
  return bytes;
}

/** Of pieces that make up a file, those bytes that lie in its extents. */
export async function* inExtents(pieces: AsyncIterable<Buffer>, extents: readonly Extent[]): AsyncGenerator<Buffer> {
  let at = 0;
  let next = 0;
  for await (const piece of pieces) {
    const end = at + piece.length;
    for (let extent = extents[next]; extent && extent.offset < end; extent = extents[next]) {
      const extentEnd = extent.offset + extent.length;
      yield piece.subarray(Math.max(0, extent.offset - at), Math.min(piece.length, extentEnd - at));
      if (extentEnd > end) break;
      next++;
    }
    at = end;
  }
}
