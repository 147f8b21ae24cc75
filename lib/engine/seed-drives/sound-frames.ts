import "server-only";
import { PACK_BYTES_MAX } from "@/lib/engine/packs/format";
import { readFrameHeader, verifyFrame } from "@/lib/engine/records/codec";
import { FRAME_HEADER_BYTES, type FrameHeader, RECORD_BYTES_MAX } from "@/lib/engine/records/frame";
import { TwincoreError } from "@/lib/errors";

/** How a frame begins. */
const MAGIC = Buffer.from([0x54, 0x43, 0x52, 0x01]);
/** No file of records is larger. */
const FILE_BYTES_MAX = PACK_BYTES_MAX + RECORD_BYTES_MAX + FRAME_HEADER_BYTES;

/**
 * The sound records of a damaged file, found by their headers; `report` hears what was left out. Holds the file in memory, at
 * most 68 MiB. A content that breaks off ends it.
 */
export async function* soundFrames(
  content: AsyncIterable<Uint8Array>,
  report: (words: string) => void,
): AsyncGenerator<Buffer> {
  const bytes = await readable(content, report);
  for (let at = 0; at + FRAME_HEADER_BYTES < bytes.length; ) {
    const header = headerAt(bytes, at);
    if (!header) {
      const next = bytes.indexOf(MAGIC, at + 1);
      report(`no record can be read at byte ${at}`);
      if (next < 0) return;
      at = next;
      continue;
    }
    const frame = bytes.subarray(at, at + FRAME_HEADER_BYTES + header.bodyLength);
    at += frame.length;
    if (await isSound(header, frame)) yield frame;
    else report(`the record ${header.digest.toString("hex")} is damaged`);
  }
}

async function readable(content: AsyncIterable<Uint8Array>, report: (words: string) => void): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const piece of content) {
      length += piece.length;
      if (length > FILE_BYTES_MAX) throw new TwincoreError("integrity", "it is larger than any file of records.");
      pieces.push(piece);
    }
  } catch (thrown) {
    if (!isDamage(thrown)) throw thrown;
    report(thrown.message);
  }
  return Buffer.concat(pieces);
}

/** A header whose whole body is there. */
function headerAt(bytes: Buffer, at: number): FrameHeader | null {
  try {
    const header = readFrameHeader(bytes.subarray(at));
    return at + FRAME_HEADER_BYTES + header.bodyLength <= bytes.length ? header : null;
  } catch (thrown) {
    if (isDamage(thrown)) return null;
    throw thrown;
  }
}

async function isSound(header: FrameHeader, frame: Buffer): Promise<boolean> {
  try {
    await verifyFrame(header, frame);
    return true;
  } catch (thrown) {
    if (isDamage(thrown)) return false;
    throw thrown;
  }
}

const isDamage = (thrown: unknown): thrown is TwincoreError =>
  thrown instanceof TwincoreError && thrown.code === "integrity";
