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
  await insertRecords(
    client,
    pack.domainId,
    entries.map((entry) => ({ packNumber: number, entry })),
  );
}

export interface PlacedEntry {
  packNumber: bigint;
  entry: PackEntry;
}

/**
 * Index rows of records in packs that have their rows, sorted by digest by the caller. A record that another pack holds stays
 * with that pack.
 */
export async function insertRecords(
  client: PoolClient,
  domainId: number,
  placed: readonly PlacedEntry[],
): Promise<void> {
  for (let at = 0; at < placed.length; at += ROWS_PER_STATEMENT)
    await insertSome(client, domainId, placed.slice(at, at + ROWS_PER_STATEMENT));
}

async function insertSome(client: PoolClient, domainId: number, placed: readonly PlacedEntry[]): Promise<void> {
  await client.query(
    `insert into record (domain_id, digest, pack_number, "offset", length, raw_length)
     select $1, substring($2::bytea from (i::int - 1) * 32 + 1 for 32), n, o, l, r
     from unnest($3::bigint[], $4::int[], $5::int[], $6::int[]) with ordinality as t(n, o, l, r, i)
     on conflict do nothing`,
    [
      domainId,
      Buffer.concat(placed.map(({ entry }) => entry.digest)),
      placed.map(({ packNumber }) => packNumber),
      placed.map(({ entry }) => entry.offset),
      placed.map(({ entry }) => entry.length),
      placed.map(({ entry }) => entry.rawLength),
    ],
  );
}
