import { createHash, createHmac, hkdfSync, timingSafeEqual } from "node:crypto";

/** Both keys of a pairing request, as each side saw them proved by TLS. SubjectPublicKeyInfo, DER. */
export interface PairingKeys {
  readonly sourceKey: Buffer;
  /** Of the target's CA, which signed the certificate that its listener showed. */
  readonly targetAuthorityKey: Buffer;
}

export const SHARE_BYTES = 32;
/** Crockford's alphabet: no I, L, O, U, so that nothing is misheard or misread. */
const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const CODE_LENGTH = 8;

/** The target promises its share before it has seen the source's. HMAC under a random share hides and binds it. */
export function commitTo(share: Buffer, keys: PairingKeys): Buffer {
  return createHmac("sha256", share)
    .update("twincore/pairing/commitment/1")
    .update(framed(keysOf(keys)))
    .digest();
}

/** Did this share stand behind the commitment? */
export function isCommittedShare(commitment: Buffer, share: Buffer, keys: PairingKeys): boolean {
  const expected = commitTo(share, keys);
  return share.length === SHARE_BYTES && commitment.length === expected.length && timingSafeEqual(commitment, expected);
}

/** The eight characters that two people compare: 40 bits of a hash over both keys and both shares. */
export function verificationCode(keys: PairingKeys, shares: { source: Buffer; target: Buffer }): string {
  const digest = createHash("sha256")
    .update("twincore/pairing/code/1")
    .update(framed([...keysOf(keys), shares.source, shares.target]))
    .digest();
  const bits = digest.readUIntBE(0, 5);
  const letters = Array.from(
    { length: CODE_LENGTH },
    (_, i) => ALPHABET[Math.floor(bits / 32 ** (CODE_LENGTH - 1 - i)) % 32],
  );
  return `${letters.slice(0, 4).join("")}-${letters.slice(4).join("")}`;
}

/** The target's share for one request: derived, so that it survives a restart and no table holds it. */
export function targetShare(secret: Buffer, pairingId: string, sourceKey: Buffer): Buffer {
  return Buffer.from(hkdfSync("sha256", secret, sourceKey, `twincore/pairing/share/1/${pairingId}`, SHARE_BYTES));
}

const keysOf = (keys: PairingKeys) => [keys.sourceKey, keys.targetAuthorityKey];

/** Each part behind its length, so that no two lists of parts look alike. */
function framed(parts: readonly Buffer[]): Buffer {
  return Buffer.concat(
    parts.flatMap((part) => {
      const length = Buffer.alloc(4);
      length.writeUInt32BE(part.length);
      return [length, part];
    }),
  );
}
