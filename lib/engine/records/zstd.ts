import "server-only";
import { Decoder, Encoder } from "@toondepauw/node-zstd";
import { integrity } from "@/lib/errors";
import { ZSTD_LEVEL } from "./codec-pool";
import { unpackedBytesMax } from "./zstd-frame";

const encoder = new Encoder(ZSTD_LEVEL);
const decoder = new Decoder();

/** Encoders may cut their blocks shorter than the format's most; an honest frame stays below this all the same. */
const unpackedAllowed = (rawLength: number): number => 2 * rawLength + 256 * 1024;

export const compress = (plain: Buffer): Promise<Buffer> => encoder.encode(plain);

/** Throws `integrity` unless `body` is one whole zstd frame that cannot unpack to much more than `rawLength`. */
export function assertUnpacksTo(body: Buffer, rawLength: number): void {
  if (unpackedBytesMax(body) > unpackedAllowed(rawLength))
    throw integrity("A compressed record would unpack to more than it should.");
}

/**
 * The plaintext of one zstd frame of exactly `rawLength` bytes. The library unpacks to any size (32 KB to a gigabyte), so the
 * frame is walked first and refused when it could unpack to much more than it should. Throws `integrity`. Does not prove the
 * content right: zstd notices few flipped bits.
 */
export async function decompress(body: Buffer, rawLength: number): Promise<Buffer> {
  assertUnpacksTo(body, rawLength);
  const plain = await decoder.decode(body).catch((error) => {
    throw integrity("A compressed record cannot be unpacked.", error);
  });
  if (plain.length !== rawLength) throw integrity("A compressed record has another size than its header says.");
  return plain;
}
