import { createHash } from "node:crypto";

/**
 * The id of the replication session of an agent in a pairing: the same on both cores without a word between them, because both
 * know the key with which the source asked and the agent's id. In the shape of a UUID of version 8.
 */
export function sessionIdOf(requestKeyDigest: Uint8Array, agentId: string): string {
  const digest = createHash("sha256")
    .update("session\0")
    .update(requestKeyDigest)
    .update(agentId.toLowerCase())
    .digest();
  digest[6] = (digest.readUInt8(6) & 0x0f) | 0x80;
  digest[8] = (digest.readUInt8(8) & 0x3f) | 0x80;
  const hex = digest.toString("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join("-");
}
