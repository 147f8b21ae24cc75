import { createHash } from "node:crypto";
import { FRAME_HEADER_BYTES, RECORD_BYTES_MAX } from "@/lib/engine/records/frame";
import { DIGEST_BYTES } from "@/lib/engine/records/key";
import { integrity } from "@/lib/errors";

/** Bytes of frames in one pack: large enough that a flush per pack is cheap, small enough that a lost one is little work. */
export const PACK_BYTES_MAX = 64 * 1024 * 1024;
/** Bounds the footer (3 MiB) and the transaction that indexes a pack. */
export const PACK_RECORDS_MAX = 65_536;

const ENTRY_BYTES = 48;
export const PACK_TAIL_BYTES = 80;
/** "TCPACK", a zero, then the format version. */
const MAGIC = Buffer.from([0x54, 0x43, 0x50, 0x41, 0x43, 0x4b, 0x00, 0x01]);
const CHECKSUM_AT = PACK_TAIL_BYTES - DIGEST_BYTES;

export interface PackEntry {
  digest: Buffer;
  /** Of the frame in the pack. */
  offset: number;
  /** Of the whole frame. */
  length: number;
  rawLength: number;
}

/** What a tail says: where the footer begins and how many entries it has. */
export interface PackTail {
  packId: string;
  recordCount: number;
  framesBytes: number;
}

/** The footer of a pack whose frames take `framesBytes`: its entries in the order of the frames, then the tail. */
export function encodeFooter(packId: string, entries: readonly PackEntry[], framesBytes: number): Buffer {
  const footer = Buffer.alloc(entries.length * ENTRY_BYTES + PACK_TAIL_BYTES);
  let at = 0;
  for (const entry of entries) {
    footer.set(entry.digest, at);
    footer.writeUInt32LE(entry.offset, at + 32);
    footer.writeUInt32LE(entry.length, at + 36);
    footer.writeUInt32LE(entry.rawLength, at + 40);
    at += ENTRY_BYTES;
  }
  footer.set(MAGIC, at);
  footer.set(Buffer.from(packId.replaceAll("-", ""), "hex"), at + 8);
  footer.writeUInt32LE(entries.length, at + 24);
  footer.writeUInt32LE(framesBytes, at + 32);
  footer.set(checksum(footer), at + CHECKSUM_AT);
  return footer;
}

/** Reads the last PACK_TAIL_BYTES of a pack of `sizeBytes`. Throws `integrity` when it has no footer. */
export function decodeTail(tail: Buffer, sizeBytes: number): PackTail {
  if (tail.length !== PACK_TAIL_BYTES || !tail.subarray(0, MAGIC.length).equals(MAGIC))
    throw integrity("A pack has no footer: it was never finished, or its end is damaged.");
  const recordCount = tail.readUInt32LE(24);
  const framesBytes = tail.readUInt32LE(32);
  if (recordCount > PACK_RECORDS_MAX || framesBytes + recordCount * ENTRY_BYTES + PACK_TAIL_BYTES !== sizeBytes)
    throw integrity("The footer of a pack does not fit its size.");
  return { packId: toUuid(tail.subarray(8, 24)), recordCount, framesBytes };
}

/** Reads a whole footer (entries and tail), as `encodeFooter` made it. Throws `integrity`. */
export function decodeFooter(footer: Buffer, tail: PackTail): PackEntry[] {
  if (footer.length !== footerBytes(tail)) throw integrity("The footer of a pack is cut off.");
  if (!checksum(footer).equals(footer.subarray(footer.length - DIGEST_BYTES)))
    throw integrity("The footer of a pack is damaged.");
  const entries: PackEntry[] = [];
  for (let at = 0; at < footer.length - PACK_TAIL_BYTES; at += ENTRY_BYTES) entries.push(decodeEntry(footer, at, tail));
  return entries;
}

export const footerBytes = (tail: PackTail): number => tail.recordCount * ENTRY_BYTES + PACK_TAIL_BYTES;

function decodeEntry(footer: Buffer, at: number, tail: PackTail): PackEntry {
  const entry = {
    digest: Buffer.from(footer.subarray(at, at + DIGEST_BYTES)),
    offset: footer.readUInt32LE(at + 32),
    length: footer.readUInt32LE(at + 36),
    rawLength: footer.readUInt32LE(at + 40),
  };
  const fits = entry.length > FRAME_HEADER_BYTES && entry.offset + entry.length <= tail.framesBytes;
  if (!fits || entry.rawLength < 1 || entry.rawLength > RECORD_BYTES_MAX)
    throw integrity("The footer of a pack points outside of it.");
  return entry;
}

/** SHA-256 over the entries and the tail up to the checksum. */
function checksum(footer: Buffer): Buffer {
  return createHash("sha256")
    .update(footer.subarray(0, footer.length - DIGEST_BYTES))
    .digest();
}

function toUuid(bytes: Buffer): string {
  const hex = bytes.toString("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
