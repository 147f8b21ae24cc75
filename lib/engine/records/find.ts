import "server-only";
import { packKey } from "@/lib/engine/packs/pack-id";
import { domainPrefix } from "@/lib/engine/repositories/open";
import { queryRecords, type RecordContext } from "./connection";
import { KEY_BYTES } from "./key";

/** Measured: a statement about 10,000 digests takes 30–70 ms, long enough to be efficient and short enough not to be felt. */
const DIGESTS_PER_STATEMENT = 10_000;

export interface RecordLocation {
  packKey: string;
  /** Of the frame in the pack. */
  offset: number;
  /** Of the whole frame. */
  length: number;
  rawLength: number;
}

/**
 * Positions (ascending) of the digests that this domain does not hold. Of a digest that occurs more than once only the
 * first position is answered.
 */
export async function findMissing(ctx: RecordContext, domainId: number, digests: readonly Buffer[]): Promise<number[]> {
  const { unique, positions } = firstPositions(digests);
  const missing: number[] = [];
  for (let at = 0; at < unique.length; at += DIGESTS_PER_STATEMENT) {
    const rows = await queryRecords(ctx.db, FIND_MISSING, [
      Buffer.concat(unique.slice(at, at + DIGESTS_PER_STATEMENT)),
      domainId,
    ]);
    for (const row of rows) missing.push(positions[at + Number(row[0])] ?? 0);
  }
  return missing.sort((a, b) => a - b);
}

/** Where the records lie, by digest in hexadecimal. What the domain does not hold is not in the map. */
export async function locateRecords(
  ctx: RecordContext,
  domainId: number,
  digests: readonly Buffer[],
): Promise<Map<string, RecordLocation>> {
  const { unique } = firstPositions(digests);
  const found = new Map<string, RecordLocation>();
  for (let at = 0; at < unique.length; at += DIGESTS_PER_STATEMENT) {
    const batch = unique.slice(at, at + DIGESTS_PER_STATEMENT);
    for (const row of await queryRecords(ctx.db, LOCATE, [Buffer.concat(batch), domainId])) {
      const digest = batch[Number(row[0])];
      const key = packKey(domainPrefix(String(row[2])), String(row[1]));
      if (digest)
        found.set(digest.toString("hex"), {
          packKey: key,
          offset: Number(row[3]),
          length: Number(row[4]),
          rawLength: Number(row[5]),
        });
    }
  }
  return found;
}

/** Bytes that the frames of these records have in storage, each counted once; of records that are not here nothing. */
export async function storedLength(ctx: RecordContext, domainId: number, digests: readonly Buffer[]): Promise<number> {
  const { unique } = firstPositions(digests);
  let bytes = 0;
  for (let at = 0; at < unique.length; at += DIGESTS_PER_STATEMENT) {
    const batch = Buffer.concat(unique.slice(at, at + DIGESTS_PER_STATEMENT));
    bytes += Number((await queryRecords(ctx.db, STORED_LENGTH, [batch, domainId]))[0]?.[0] ?? 0);
  }
  return bytes;
}

/**
 * How many of these keys (packed, KEY_BYTES each, holes among them) are not indexed with the length they say. `keys` may hold
 * at most 10,000 of them.
 */
export async function countUnindexed(ctx: RecordContext, domainId: number, keys: Buffer): Promise<number> {
  if (keys.length > DIGESTS_PER_STATEMENT * KEY_BYTES) throw new RangeError("too many keys for one statement");
  const rows = await queryRecords(ctx.db, COUNT_UNINDEXED, [keys, domainId]);
  return Number(rows[0]?.[0] ?? 0);
}

// "offset 0" keeps the planner from computing the substring twice per row.
const FIND_MISSING = `
  select i from (
    select i, substring($1::bytea from i * 32 + 1 for 32) as d
    from generate_series(0, length($1::bytea) / 32 - 1) as i offset 0
  ) as asked
  where not exists (select 1 from record where domain_id = $2 and digest = asked.d)`;

const LOCATE = `
  select asked.i, pack.id, (select tenant_id from record_domain where id = $2), record."offset", record.length, record.raw_length
  from (
    select i, substring($1::bytea from i * 32 + 1 for 32) as d
    from generate_series(0, length($1::bytea) / 32 - 1) as i offset 0
  ) as asked
  join record on record.domain_id = $2 and record.digest = asked.d
  join pack on pack.number = record.pack_number`;

const STORED_LENGTH = `
  select coalesce(sum(record.length), 0)
  from (
    select substring($1::bytea from i * 32 + 1 for 32) as d
    from generate_series(0, length($1::bytea) / 32 - 1) as i offset 0
  ) as asked
  join record on record.domain_id = $2 and record.digest = asked.d`;

const COUNT_UNINDEXED = `
  select count(*) from (
    select substring($1::bytea from at + 1 for 32) as d,
      get_byte($1, at + 32) + (get_byte($1, at + 33) << 8) + (get_byte($1, at + 34) << 16) + (get_byte($1, at + 35) << 24) as l
    from (select i * ${KEY_BYTES} as at from generate_series(0, length($1::bytea) / ${KEY_BYTES} - 1) as i) as positions
    offset 0
  ) as asked
  where d <> decode(repeat('00', 32), 'hex')
    and not exists (select 1 from record where domain_id = $2 and digest = asked.d and raw_length = asked.l)`;

function firstPositions(digests: readonly Buffer[]): { unique: Buffer[]; positions: number[] } {
  const seen = new Set<string>();
  const unique: Buffer[] = [];
  const positions: number[] = [];
  digests.forEach((digest, position) => {
    // latin1 keeps one character per byte: the cheapest exact key for a map.
    const key = digest.toString("latin1");
    if (seen.has(key)) return;
    seen.add(key);
    unique.push(digest);
    positions.push(position);
  });
  return { unique, positions };
}
