import { integrity } from "@/lib/errors";

/** RFC 8878: bytes 28 B5 2F FD, little-endian. */
const MAGIC = 0xfd2fb528;
/** The most that one block unpacks to, whatever its window (RFC 8878 §3.1.1.2.4). */
const BLOCK_BYTES_MAX = 128 * 1024;
const BLOCK_HEADER_BYTES = 3;
const CHECKSUM_BYTES = 4;

const REPEATED = 1;
const COMPRESSED = 2;

/**
 * The most that `body` can unpack to, from its block headers alone. The declared content size would not do: streaming encoders
 * leave it out, and streaming decoders compare it only when they have unpacked everything. Throws `integrity` unless `body` is
 * one whole frame without a dictionary and nothing behind it.
 */
export function unpackedBytesMax(body: Buffer): number {
  const { blocksAt, checksumBytes } = readHeader(body);
  let at = blocksAt;
  let total = 0;
  // Each turn goes on by at least a block header, so the length of the body bounds the walk.
  for (let last = false; !last; ) {
    if (at + BLOCK_HEADER_BYTES > body.length) throw integrity("A compressed record is cut off.");
    const header = body.readUIntLE(at, BLOCK_HEADER_BYTES);
    const type = (header >> 1) & 3;
    const size = header >> 3;
    last = (header & 1) === 1;
    total += type === COMPRESSED ? BLOCK_BYTES_MAX : size;
    at += BLOCK_HEADER_BYTES + (type === REPEATED ? 1 : size);
  }
  if (at + checksumBytes !== body.length) throw integrity("A compressed record does not end where it should.");
  return total;
}

function readHeader(body: Buffer): { blocksAt: number; checksumBytes: number } {
  if (body.length < 6 || body.readUInt32LE(0) !== MAGIC) throw integrity("A compressed record is not zstd.");
  const descriptor = body.readUInt8(4);
  if ((descriptor & 3) !== 0) throw integrity("A compressed record asks for a dictionary.");
  const singleSegment = (descriptor & 0x20) !== 0;
  const sizeFlag = descriptor >> 6;
  const sizeBytes = sizeFlag === 0 ? (singleSegment ? 1 : 0) : 1 << sizeFlag;
  return {
    blocksAt: 5 + (singleSegment ? 0 : 1) + sizeBytes,
    checksumBytes: (descriptor & 4) !== 0 ? CHECKSUM_BYTES : 0,
  };
}
