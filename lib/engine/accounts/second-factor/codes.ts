import "server-only";
import { randomInt } from "node:crypto";
import { Secret, TOTP } from "otpauth";
import { seal, sha256, unseal } from "@/lib/engine/trust";

/** What every authenticator understands; others ignore what differs from it. */
const PARAMETERS = { algorithm: "SHA1", digits: 6, period: 30 } as const;
/** 160 bits, as RFC 4226 advises. */
const KEY_BYTES = 20;
/** A clock may be half a minute off, or a code typed as it changes. */
const STEPS_AROUND = 1;
export const RECOVERY_CODES = 10;
const RECOVERY_LENGTH = 16;
/** Without what is read as something else. 16 of 32 letters are 80 bits: a plain hash of them cannot be searched. */
const RECOVERY_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789";

const sealedName = (accountId: string) => `second-factor:${accountId}`;

/** A new key for an authenticator: to be shown, and sealed to be kept. */
export function makeKey(secret: Buffer, account: { id: string; email: string }, issuer: string) {
  const key = new Secret({ size: KEY_BYTES });
  const sealed = seal(secret, sealedName(account.id), new Uint8Array(key.buffer));
  const uri = new TOTP({ ...PARAMETERS, issuer, label: account.email, secret: key }).toString();
  return { key: key.base32, uri, sealed };
}

/** The time step whose code this is, or null. A step counts once: the caller remembers it. */
export function stepOf(secret: Buffer, accountId: string, sealed: Uint8Array, code: string, now: Date): bigint | null {
  const plain = unseal(secret, sealedName(accountId), sealed);
  const totp = new TOTP({ ...PARAMETERS, secret: new Secret({ buffer: new Uint8Array(plain).buffer }) });
  const timestamp = now.getTime();
  const delta = totp.validate({ token: code, timestamp, window: STEPS_AROUND });
  return delta === null ? null : BigInt(Math.floor(timestamp / 1000 / PARAMETERS.period) + delta);
}

/** New recovery codes as people read them: four groups of four. */
export function makeRecoveryCodes(): string[] {
  const letter = () => RECOVERY_LETTERS[randomInt(RECOVERY_LETTERS.length)];
  return Array.from({ length: RECOVERY_CODES }, () =>
    Array.from({ length: RECOVERY_LENGTH }, letter)
      .join("")
      .replace(/(.{4})(?=.)/g, "$1-"),
  );
}

/** What is kept of a recovery code. */
export const hashOf = (code: string) => sha256(Buffer.from(plainOf(code)));

/** A code without what people put between its letters. */
export const plainOf = (code: string) => code.replace(/[\s-]/g, "").toUpperCase();

export const isAuthenticatorCode = (plain: string) => /^\d{6}$/.test(plain);
