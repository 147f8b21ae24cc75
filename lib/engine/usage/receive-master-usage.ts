import "server-only";
import type { Tx } from "@/lib/db/client";
import { withTransaction } from "@/lib/db/transaction";
import type { EngineContext } from "@/lib/engine/context";
import { peerOf } from "@/lib/engine/pairing/caller";
import type { StorageUsageSummary } from "@/lib/engine/replication/peer-schemas";

/** The same figures are written again after so long, to show that they still hold. */
const SAME_SECONDS = 3600;
/** What is said within so long is one word, and the last one counts: nobody can fill the ledger by talking. */
const WORD_SECONDS = 60;
/** Reports of repositories that are kept of one source: years of what an honest one says. */
const REPORTS_KEPT = 20_000;
/** Tells this kind of advisory lock from others. */
const LOCK_KIND = 7104;

/**
 * Target: adds what the source says of its own storage to the ledger; of agents that are not its own nothing is kept. Saying the
 * same twice writes it once.
 */
export async function receiveMasterUsage(ctx: EngineContext, input: StorageUsageSummary): Promise<void> {
  const { pairingId } = peerOf(ctx);
  await withTransaction(ctx.db, async (tx) => {
    await tx.$executeRaw`select pg_advisory_xact_lock(${LOCK_KIND}::int, hashtext(${pairingId}))`;
    const times = { at: ctx.now(), same: ago(ctx, SAME_SECONDS), word: ago(ctx, WORD_SECONDS) };
    await addAgents(tx, pairingId, input.agents, times);
    await addRepositories(tx, pairingId, input.repositories, times);
  });
}

interface Times {
  readonly at: Date;
  readonly same: Date;
  readonly word: Date;
}

const ago = (ctx: EngineContext, seconds: number): Date => new Date(ctx.now().getTime() - seconds * 1000);

async function addAgents(tx: Tx, pairingId: string, agents: StorageUsageSummary["agents"], times: Times) {
  const said = JSON.stringify(agents);
  await tx.$executeRaw`
    with said as (
      select distinct on (s."id") s.*, agent.tenant_id from jsonb_to_recordset(${said}::jsonb) as s(
        "id" uuid, "displayName" text, "hostName" text, "newestRpTimestamp" timestamptz, "oldestRpTimestamp" timestamptz,
        "recoveryPointCount" int, "totalBytesProtected" bigint)
      join agent on agent.id = s."id" and agent.pairing_id = ${pairingId}::uuid
      order by s."id"
    ), fresh as (
      select said.* from said
      left join lateral (
        select * from usage_entry where agent_id = said."id" and origin = 'reported' and pairing_id = ${pairingId}::uuid
        order by at desc, id desc limit 1
      ) last on true
      where last.id is null or last.at <= ${times.same}
        or (last.recovery_points, last.protected_bytes, last.oldest_point_at, last.newest_point_at, last.agent_name)
          is distinct from (said."recoveryPointCount", said."totalBytesProtected", said."oldestRpTimestamp",
            said."newestRpTimestamp", said."displayName")
    ), replaced as (
      delete from usage_entry e using fresh
      where e.agent_id = fresh."id" and e.origin = 'reported' and e.pairing_id = ${pairingId}::uuid and e.at > ${times.word}
    )
    insert into usage_entry (at, origin, agent_id, agent_name, host_name, tenant_id, pairing_id, protected_bytes,
      recovery_points, oldest_point_at, newest_point_at)
    select ${times.at}, 'reported', "id", "displayName", "hostName", tenant_id, ${pairingId}::uuid, "totalBytesProtected",
      "recoveryPointCount", "oldestRpTimestamp", "newestRpTimestamp" from fresh`;
}

async function addRepositories(
  tx: Tx,
  pairingId: string,
  repositories: StorageUsageSummary["repositories"],
  times: Times,
) {
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
