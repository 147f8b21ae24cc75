import { createHash } from "node:crypto";

/** What of an entry is under its hash, as the database renders it. */
export interface ChainedEntry {
  readonly at: Date;
  readonly actor: string;
  readonly actorKind: string;
  readonly actorId: string | null;
  readonly action: string;
  readonly subject: string;
  readonly door: string;
  readonly address: string;
  readonly requestId: string;
  readonly result: string;
  readonly reason: string;
  /** The JSON as the database writes it out: its order of keys and its spaces are part of the bytes. */
  readonly detail: string;
}

/** What the first entry follows. */
export const CHAIN_BEGIN: Buffer = Buffer.alloc(0);

/** The hash of the entry at `position` behind one with the hash `previous`; README.md has the bytes. Must equal the SQL function audit_hash. */
export function hashEntry(previous: Buffer, position: bigint, entry: ChainedEntry): Buffer {
  const fields = [
    position.toString(),
    entry.at.toISOString(),
    entry.actor,
    entry.actorKind,
    entry.actorId ?? "",
    entry.action,
    entry.subject,
    entry.door,
    entry.address,
    entry.requestId,
    entry.result,
    entry.reason,
    entry.detail,
  ];
  const text = fields.map((field) => `${Buffer.byteLength(field)}:${field},`).join("");
  return createHash("sha256").update(previous).update(text).digest();
}
