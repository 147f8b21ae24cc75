import "server-only";
import type { PoolClient } from "pg";
import { type RecordContext, recordTransaction } from "@/lib/engine/records/connection";
import type { PackEntry } from "./format";
import { insertRecords, type PlacedEntry } from "./insert";

export interface FoundPack {
  id: string;
  sizeBytes: number;
  entries: readonly PackEntry[];
}

const rawBytesOf = (entries: readonly PackEntry[]): number => entries.reduce((sum, entry) => sum + entry.rawLength, 0);

/** The order in which every writer inserts, so that two transactions wait for each other but never deadlock. */
const byDigest = (a: PlacedEntry, b: PlacedEntry): number => Buffer.compare(a.entry.digest, b.entry.digest);

/**
 * Indexes packs that lie in storage and that no row knows, in one transaction; answers how many were new. May be repeated, and
 * may meet the writer of a pack that is just about to index it: one of them does.
 */
export async function adoptPacks(
  ctx: RecordContext,
  domainId: number,
  walkId: string,
  packs: readonly FoundPack[],
): Promise<number> {
  if (packs.length === 0) return 0;
  return recordTransaction(ctx.db, async (client) => {
    const { rows } = await client.query<{ id: string; number: bigint }>(
      `insert into pack (id, domain_id, size_bytes, raw_bytes, record_count, walk_id)
       select id, $1, size_bytes, raw_bytes, record_count, $2
       from unnest($3::uuid[], $4::bigint[], $5::bigint[], $6::int[]) as t(id, size_bytes, raw_bytes, record_count)
       on conflict (id) do nothing returning id, number`,
      [
        domainId,
        walkId,
        packs.map(({ id }) => id),
        packs.map(({ sizeBytes }) => sizeBytes),
        packs.map(({ entries }) => rawBytesOf(entries)),
        packs.map(({ entries }) => entries.length),
      ],
    );
    const numbers = new Map(rows.map(({ id, number }) => [id, number]));
    const placed = packs.flatMap(({ id, entries }) => {
      const packNumber = numbers.get(id);
      return packNumber === undefined ? [] : entries.map((entry) => ({ packNumber, entry }));
    });
    await insertRecords(client, domainId, placed.sort(byDigest));
    return rows.length;
  });
}

/** Index rows for records whose copies lie in packs that are known: what another pack lost is found again in these. */
export async function insertCopies(ctx: RecordContext, domainId: number, placed: PlacedEntry[]): Promise<void> {
  await recordTransaction(ctx.db, (client) => insertRecords(client, domainId, placed.sort(byDigest)));
}

/**
 * Takes packs that storage lost out of the index: their records, then their rows, in one transaction with the domain's count of
 * losses, which no commit that looked before can miss. Answers how many records went.
 */
export async function removePacks(
  ctx: RecordContext,
  domainId: number,
  packNumbers: readonly bigint[],
): Promise<number> {
  if (packNumbers.length === 0) return 0;
  return recordTransaction(ctx.db, async (client) => {
    const gone = await client.query("delete from record where domain_id = $1 and pack_number = any($2::bigint[])", [
      domainId,
      packNumbers,
    ]);
    await client.query("delete from pack where number = any($1::bigint[])", [packNumbers]);
    await countLoss(client, domainId, gone.rowCount ?? 0);
    return gone.rowCount ?? 0;
  });
}

/**
 * Makes the index say of a known pack what is sound in it: records that are not leave it, those that are in no other pack join
 * it. Answers how many left.
 */
export async function reconcilePack(
  ctx: RecordContext,
  domainId: number,
  packNumber: bigint,
  { sizeBytes, entries }: FoundPack,
): Promise<number> {
  return recordTransaction(ctx.db, async (client) => {
    const digests = Buffer.concat(entries.map(({ digest }) => digest));
    const gone = await client.query(
      `delete from record where domain_id = $1 and pack_number = $2 and digest not in (
         select substring($3::bytea from i * 32 + 1 for 32) from generate_series(0, length($3::bytea) / 32 - 1) as i)`,
      [domainId, packNumber, digests],
    );
    await client.query("update pack set size_bytes = $2, raw_bytes = $3, record_count = $4 where number = $1", [
      packNumber,
      sizeBytes,
      rawBytesOf(entries),
      entries.length,
    ]);
    await insertRecords(client, domainId, entries.map((entry) => ({ packNumber, entry })).sort(byDigest));
    await countLoss(client, domainId, gone.rowCount ?? 0);
    return gone.rowCount ?? 0;
  });
}

async function countLoss(client: PoolClient, domainId: number, records: number): Promise<void> {
  if (records > 0) await client.query("update record_domain set losses = losses + 1 where id = $1", [domainId]);
}
