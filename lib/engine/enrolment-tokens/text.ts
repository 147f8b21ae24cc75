import { randomBytes, timingSafeEqual } from "node:crypto";
import { sha256 } from "@/lib/engine/trust/fingerprint";
import { invalidInput } from "@/lib/errors";

/** Found by secret scanners, and told apart from API tokens. */
const PREFIX = "tce_";
const SECRET_BYTES = 32;

/** A new token: a secret, and the SHA-256 of the key of this core's CA, by which a source knows whom it may show the secret to. */
export function makeTokenText(authorityKey: Buffer): string {
  const secret = randomBytes(SECRET_BYTES).toString("base64url");
  return `${PREFIX}${secret}.${Buffer.from(sha256(authorityKey)).toString("base64url")}`;
}

/** Was this token made by the core whose CA has this key? Throws invalid_input for what is no enrolment token. */
export function isMadeBy(token: string, authorityKey: Buffer): boolean {
  const [, digest = ""] = /^tce_[\w-]{43}\.([\w-]{43})$/.exec(token) ?? [];
  if (digest === "") throw invalidInput("That is no enrolment token: it begins with tce_ and is copied whole.");
  return timingSafeEqual(Buffer.from(digest, "base64url"), Buffer.from(sha256(authorityKey)));
}
