import { invalidInput } from "@/lib/errors";

/** digest 32 | rawLength u32le | aux u64le. The same bytes in a manifest, on the wire and in Postgres. */
export const KEY_BYTES = 44;
export const DIGEST_BYTES = 32;

/** One position of an image: which record lies there, and how long it is. */
export interface RecordKey {
  /** SHA-256 of the plaintext; 32 zero bytes = hole: `rawLength` zero bytes that are not stored. */
  digest: Buffer;
  rawLength: number;
  /** For records of an entries stream, the payload offset at which the first entry that starts in it begins; else 0. */
  aux: bigint;
}

export const HOLE_DIGEST: Buffer = Buffer.alloc(DIGEST_BYTES);

export function isHole(key: Pick<RecordKey, "digest">): boolean {
  return HOLE_DIGEST.equals(key.digest);
}

export function holeKey(rawLength: number): RecordKey {
  return { digest: HOLE_DIGEST, rawLength, aux: 0n };
}

export function encodeKeys(keys: readonly RecordKey[]): Buffer {
  const bytes = Buffer.allocUnsafe(keys.length * KEY_BYTES);
  let at = 0;
  for (const key of keys) {
    if (key.digest.length !== DIGEST_BYTES) throw new RangeError(`a digest has ${DIGEST_BYTES} bytes`);
    bytes.set(key.digest, at);
    bytes.writeUInt32LE(key.rawLength, at + 32);
    bytes.writeBigUInt64LE(key.aux, at + 36);
    at += KEY_BYTES;
  }
  return bytes;
}

/** The digests are views of `bytes`: copy them to keep them longer. Throws invalid_input when it is not whole keys. */
export function decodeKeys(bytes: Buffer): RecordKey[] {
  if (bytes.length % KEY_BYTES !== 0)
    throw invalidInput(`These ${bytes.length} bytes are not whole record keys of ${KEY_BYTES} bytes.`);
  const keys: RecordKey[] = new Array(bytes.length / KEY_BYTES);
  for (let at = 0, i = 0; at < bytes.length; at += KEY_BYTES, i++) {
    keys[i] = {
      digest: bytes.subarray(at, at + 32),
      rawLength: bytes.readUInt32LE(at + 32),
      aux: bytes.readBigUInt64LE(at + 36),
    };
  }
  return keys;
}
