import "server-only";
import type { PoolClient } from "pg";
import { type RecordContext, recordTransaction } from "@/lib/engine/records/connection";
import { isRetryable } from "@/lib/errors";
import type { PackEntry } from "./format";

/** Measured: more rows a statement gain nothing, and hold the connection longer. */
const ROWS_PER_STATEMENT = 10_000;
/** Together about 3 s: outlasts a restart of Postgres's own, and the run as a whole is retried beyond that. */
const RETRY_DELAYS_MS = [200, 800, 2000];

export interface DurablePack {
  id: string;
  domainId: number;
  sizeBytes: number;
  entries: readonly PackEntry[];
}

/**
 * Makes the records of a durable pack findable, in one transaction. May be repeated, so a lost answer does no harm: a pack
 * that is indexed already is left alone, and a record that another pack holds stays with that pack.
 */
export async function insertPack(ctx: RecordContext, pack: DurablePack): Promise<void> {
  // One order for all writers: two transactions that insert the same digests then wait for each other but never deadlock.
  const entries = [...pack.entries].sort((a, b) => Buffer.compare(a.digest, b.digest));
  for (let attempt = 0; ; attempt++) {
    try {
      return await recordTransaction(ctx.db, (client) => insert(client, pack, entries));
    } catch (error) {
      const delayMs = RETRY_DELAYS_MS[attempt];
      if (delayMs === undefined || !isRetryable(error)) throw error;
      ctx.log.warn({ packId: pack.id, attempt, error }, "a pack could not be indexed; trying again");
      await new Promise((resume) => setTimeout(resume, delayMs));
    }
  }
}

async function insert(client: PoolClient, pack: DurablePack, entries: readonly PackEntry[]): Promise<void> {
  const rawBytes = entries.reduce((sum, entry) => sum + entry.rawLength, 0);
  const { rows } = await client.query<{ number: bigint }>(
    `insert into pack (id, domain_id, size_bytes, raw_bytes, record_count) values ($1, $2, $3, $4, $5)
     on conflict (id) do nothing returning number`,
    [pack.id, pack.domainId, pack.sizeBytes, rawBytes, entries.length],
  );
  const number = rows[0]?.number;
  if (number === undefined) return;
  for (let at = 0; at < entries.length; at += ROWS_PER_STATEMENT)
    await insertRecords(client, pack.domainId, number, entries.slice(at, at + ROWS_PER_STATEMENT));
}

async function insertRecords(
  client: PoolClient,
  domainId: number,
  packNumber: bigint,
  entries: PackEntry[],
): Promise<void> {
  await client.query(
    `insert into record (domain_id, digest, pack_number, "offset", length, raw_length)
     select $1, substring($3::bytea from (i::int - 1) * 32 + 1 for 32), $2, o, l, r
     from unnest($4::int[], $5::int[], $6::int[]) with ordinality as t(o, l, r, i)
     on conflict do nothing`,
    [
      domainId,
      packNumber,
      Buffer.concat(entries.map((entry) => entry.digest)),
      entries.map((entry) => entry.offset),
      entries.map((entry) => entry.length),
      entries.map((entry) => entry.rawLength),
    ],
  );
}
