import { createHash } from "node:crypto";

export function sha256(bytes: Uint8Array | ArrayBuffer): Uint8Array<ArrayBuffer> {
  return new Uint8Array(createHash("sha256").update(new Uint8Array(bytes)).digest());
}

/** Hexadecimal with colons, as people read fingerprints. */
export function toFingerprint(digest: Uint8Array): string {
  return (Buffer.from(digest).toString("hex").toUpperCase().match(/../g) ?? []).join(":");
}
