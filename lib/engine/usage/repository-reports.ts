import "server-only";
import type { Tx } from "@/lib/db/client";
import { withTransaction } from "@/lib/db/transaction";
import type { EngineContext } from "@/lib/engine/context";
import type { StorageUsageSummary } from "@/lib/engine/replication/peer-schemas";

/** The same figures are written again after so long, to show that they still hold. */
const SAME_SECONDS = 3600;
/** What is said within so long is one word, and the last one counts: nobody can fill the ledger by talking. */
const WORD_SECONDS = 60;
/** Reports of repositories that are kept of one core: years of what an honest one says. */
const REPORTS_KEPT = 20_000;
/** Tells this kind of advisory lock from others. */
const LOCK_KIND = 7104;

/** When something is said, and up to when an earlier word is the same one or part of it. */
export interface Times {
  readonly at: Date;
  readonly same: Date;
  readonly word: Date;
}

export function timesOf(ctx: EngineContext): Times {
  const ago = (seconds: number) => new Date(ctx.now().getTime() - seconds * 1000);
  return { at: ctx.now(), same: ago(SAME_SECONDS), word: ago(WORD_SECONDS) };
}

/** What a core says of its storage is written down by one caller at a time, until the end of the transaction. */
export async function lockReports(tx: Tx, pairingId: string): Promise<void> {
  await tx.$executeRaw`select pg_advisory_xact_lock(${LOCK_KIND}::int, hashtext(${pairingId}))`;
}

/** Keeps what the other core of a pairing said of its repositories, in a transaction of its own. */
export function keepRepositoryReport(
  ctx: EngineContext,
  pairingId: string,
  repositories: StorageUsageSummary["repositories"],
): Promise<void> {
  return withTransaction(ctx.db, async (tx) => {
    await lockReports(tx, pairingId);
    await addRepositories(tx, pairingId, repositories, timesOf(ctx));
  });
}

/** Adds what is news of each repository, and forgets the oldest. Under lockReports. */
export async function addRepositories(
  tx: Tx,
  pairingId: string,
  repositories: StorageUsageSummary["repositories"],
  times: Times,
): Promise<void> {
  const said = JSON.stringify(repositories);
  await tx.$executeRaw`
    with said as (
      select distinct on ("id") * from jsonb_to_recordset(${said}::jsonb) as s(
        "id" uuid, "name" text, "bytesFree" bigint, "bytesUsed" bigint)
      order by "id"
    ), fresh as (
      select said.* from said
      left join lateral (
        select * from repository_report where pairing_id = ${pairingId}::uuid and repository_id = said."id"
        order by at desc, id desc limit 1
      ) last on true
      where last.id is null or last.at <= ${times.same}
        or (last.name, last.bytes_free, last.bytes_used) is distinct from (said."name", said."bytesFree", said."bytesUsed")
    ), replaced as (
      delete from repository_report r using fresh
      where r.pairing_id = ${pairingId}::uuid and r.repository_id = fresh."id" and r.at > ${times.word}
    )
    insert into repository_report (pairing_id, at, repository_id, name, bytes_free, bytes_used)
    select ${pairingId}::uuid, ${times.at}, "id", "name", "bytesFree", "bytesUsed" from fresh`;
  await tx.$executeRaw`
    delete from repository_report where pairing_id = ${pairingId}::uuid and at < (
      select at from repository_report where pairing_id = ${pairingId}::uuid order by at desc offset ${REPORTS_KEPT} limit 1
    )`;
}
