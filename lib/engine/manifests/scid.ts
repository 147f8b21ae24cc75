/** Bits of a snapshot id: what a JSON number of every client carries exactly. */
const SCID_BITS = 53;

/**
 * The snapshot id of an image, from the digest of its manifest: its first 53 bits, 1 when they are all zero (0 means "none").
 * Equal images have equal ids on any core. It is a name, not a proof: the digest itself decides.
 */
export function scidOf(manifestDigest: Uint8Array): number {
  const first = Buffer.from(manifestDigest.subarray(0, 8)).readBigUInt64BE();
  return Math.max(1, Number(first >> BigInt(64 - SCID_BITS)));
}
