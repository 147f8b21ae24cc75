import "server-only";
import type { Tx } from "@/lib/db/client";
import { seal, unseal } from "./seal";

/** A private key out of the database, opened. */
export interface StoredKey {
  readonly privatePem: string;
  readonly certificatePem: string | null;
  readonly notAfter: Date | null;
}

export async function saveKey(
  tx: Tx,
  secret: Buffer,
  name: string,
  key: { privatePem: string; certificatePem?: string; notAfter?: Date },
): Promise<void> {
  const row = {
    sealedKey: seal(secret, name, Buffer.from(key.privatePem)),
    certificatePem: key.certificatePem ?? null,
    notAfter: key.notAfter ?? null,
  };
  await tx.sealedKey.upsert({ where: { name }, create: { name, ...row }, update: row });
}

export async function findKey(tx: Tx, secret: Buffer, name: string): Promise<StoredKey | null> {
  const row = await tx.sealedKey.findUnique({ where: { name } });
  if (!row) return null;
  const privatePem = unseal(secret, name, row.sealedKey).toString("utf8");
  return { privatePem, certificatePem: row.certificatePem, notAfter: row.notAfter };
}

export async function deleteKeys(tx: Tx, names: string[]): Promise<void> {
  await tx.sealedKey.deleteMany({ where: { name: { in: names } } });
}

/** One at a time across all nodes, until the end of the transaction. */
export async function lockFor(tx: Tx, what: string): Promise<void> {
  await tx.$executeRaw`select pg_advisory_xact_lock(hashtextextended(${`twincore/${what}`}, 0))`;
}
