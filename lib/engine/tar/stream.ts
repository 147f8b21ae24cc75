import "server-only";
import { type Entry, type FolderImage, PayloadReader } from "@/lib/engine/folder-images";
import { encodeHeader, headerLength, headerOf, padded } from "./header";
import { inExtents, sparseMap } from "./sparse";

/** Headers and small files are gathered to pieces of this size, because a stream is slow in pieces of 512 bytes. */
const PIECE_BYTES = 256 * 1024;
/** Two blocks of zeros. */
const END_BYTES = 1024;
const ZEROS = Buffer.alloc(END_BYTES);

/**
 * A folder image as a tar that GNU tar unpacks to the same tree. Our own encoder, because a name may hold any bytes, and the
 * tar libraries of npm take names as text. Names are raw bytes in the plain header or in GNU's long-name blocks, which no
 * locale changes; pax records carry what the plain header cannot: parts of seconds, large sizes and numbers, holes.
 */
export async function* tarStream(image: FolderImage): AsyncGenerator<Buffer> {
  yield* gather(parts(image));
}

/** Exactly how many bytes tarStream will give: a pass over the entries, none over the contents. */
export async function tarLength(image: FolderImage): Promise<number> {
  let length = END_BYTES;
  for await (const { entry, payloadOffset } of entriesWithOffsets(image)) {
    const header = headerOf(entry, await sparseMap(image, entry, payloadOffset));
    length += headerLength(header) + padded(header.contentBytes);
  }
  return length;
}

async function* parts(image: FolderImage): AsyncGenerator<Buffer> {
  const payload = new PayloadReader(image.payload());
  try {
    for await (const { entry, payloadOffset } of entriesWithOffsets(image)) {
      const sparse = await sparseMap(image, entry, payloadOffset);
      const header = headerOf(entry, sparse);
      yield encodeHeader(header);
      if (entry.sizeBytes === 0) continue;
      const content = payload.take(entry.sizeBytes);
      if (sparse) {
        yield sparse.head;
        yield* inExtents(content, sparse.extents);
      } else yield* content;
      yield ZEROS.subarray(0, padded(header.contentBytes) - header.contentBytes);
    }
    yield ZEROS;
  } finally {
    await payload.close();
  }
}

async function* entriesWithOffsets(image: FolderImage): AsyncGenerator<{ entry: Entry; payloadOffset: number }> {
  let payloadOffset = 0;
  for await (const batch of image.guardedRecords()) {
    for (const { entry } of batch) {
      yield { entry, payloadOffset };
      payloadOffset += entry.sizeBytes;
    }
  }
}

async function* gather(pieces: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let waiting: Buffer[] = [];
  let bytes = 0;
  for await (const piece of pieces) {
    waiting.push(piece);
    bytes += piece.length;
    if (bytes < PIECE_BYTES) continue;
    yield Buffer.concat(waiting, bytes);
    waiting = [];
    bytes = 0;
  }
  if (bytes > 0) yield Buffer.concat(waiting, bytes);
}
