import { randomBytes } from "node:crypto";

/** A UUID version 7: packs made later sort later, which keeps their primary key's inserts at one end. */
export function newPackId(nowMs: number): string {
  const bytes = randomBytes(16);
  bytes.writeUIntBE(nowMs, 0, 6);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x70, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = bytes.toString("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** Where a pack lies. Folders by its last two digits: the first ones are the time, the same for weeks. */
export const packKey = (prefix: string, packId: string): string => `${prefix}packs/${packId.slice(-2)}/${packId}.pack`;
