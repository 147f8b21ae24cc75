import "server-only";
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from "node:crypto";
import { TwincoreError } from "@/lib/errors";

const VERSION = 1;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** Encrypts under this core's key-encryption key. `name` says what it is; it cannot be unsealed as anything else. Layout: version | nonce 12 | ciphertext | tag 16. */
export function seal(secret: Buffer, name: string, plain: Uint8Array): Uint8Array<ArrayBuffer> {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv("aes-256-gcm", keyFor(secret, name), nonce).setAAD(Buffer.from(name));
  const body = [cipher.update(plain), cipher.final()];
  return new Uint8Array(Buffer.concat([Buffer.of(VERSION), nonce, ...body, cipher.getAuthTag()]));
}

/** The plaintext. Throws integrity when the bytes were changed, are of another name, or were sealed under another key. */
export function unseal(secret: Buffer, name: string, sealed: Uint8Array): Buffer {
  const bytes = Buffer.from(sealed);
  try {
    if (bytes[0] !== VERSION || bytes.length < 1 + NONCE_BYTES + TAG_BYTES) throw new Error("not a sealed value");
    const nonce = bytes.subarray(1, 1 + NONCE_BYTES);
    const decipher = createDecipheriv("aes-256-gcm", keyFor(secret, name), nonce, { authTagLength: TAG_BYTES });
    decipher.setAAD(Buffer.from(name)).setAuthTag(bytes.subarray(-TAG_BYTES));
    return Buffer.concat([decipher.update(bytes.subarray(1 + NONCE_BYTES, -TAG_BYTES)), decipher.final()]);
  } catch (cause) {
    throw new TwincoreError(
      "integrity",
      `The sealed key "${name}" cannot be opened: TWINCORE_SECRET or secret.key is not the one it was sealed with.`,
      { cause },
    );
  }
}

/** One key per name, so that no two values ever share key and nonce. */
function keyFor(secret: Buffer, name: string): Buffer {
  return Buffer.from(hkdfSync("sha256", secret, Buffer.alloc(0), `twincore/seal/1/${name}`, 32));
}
