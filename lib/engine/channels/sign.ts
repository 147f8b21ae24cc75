import "server-only";
import { createHmac, randomBytes } from "node:crypto";

/** Standard Webhooks wants 24 to 64 bytes. */
const KEY_BYTES = 32;
const PREFIX = "whsec_";

/** A new key, as the receiver writes it down. */
export const makeSecret = (): string => PREFIX + randomBytes(KEY_BYTES).toString("base64");

export interface Signed {
  /** The same for every attempt of one message: by it a receiver knows one that came twice. */
  readonly id: string;
  readonly at: Date;
  readonly body: string;
}

/**
 * The three headers of Standard Webhooks (standardwebhooks.com): `v1,` and the HMAC-SHA-256 of id, timestamp and body, once for each
 * secret, so that a receiver may change from one to the next at leisure.
 */
export function signatureHeaders({ id, at, body }: Signed, secrets: readonly string[]): Record<string, string> {
  const timestamp = Math.floor(at.getTime() / 1000).toString();
  const signatures = secrets.map((secret) => {
    const key = Buffer.from(secret.slice(PREFIX.length), "base64");
    return `v1,${createHmac("sha256", key).update(`${id}.${timestamp}.${body}`).digest("base64")}`;
  });
  return { "webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": signatures.join(" ") };
}
