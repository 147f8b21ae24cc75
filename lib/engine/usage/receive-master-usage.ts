import "server-only";
import type { Tx } from "@/lib/db/client";
import { withTransaction } from "@/lib/db/transaction";
import type { EngineContext } from "@/lib/engine/context";
import { peerOf } from "@/lib/engine/pairing/caller";
import type { StorageUsageSummary } from "@/lib/engine/replication/peer-schemas";
import { addRepositories, lockReports, type Times, timesOf } from "./repository-reports";

/**
 * Target: adds what the source says of its own storage to the ledger; of agents that are not its own nothing is kept. Saying the
 * same twice writes it once; of what is said of an agent within a minute the first word counts.
 */
export async function receiveMasterUsage(ctx: EngineContext, input: StorageUsageSummary): Promise<void> {
  const { pairingId } = peerOf(ctx);
  await withTransaction(ctx.db, async (tx) => {
    await lockReports(tx, pairingId);
    const times = timesOf(ctx);
    await addAgents(tx, pairingId, input.agents, times);
    await addRepositories(tx, pairingId, input.repositories, times);
  });
}

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
      -- What is said within a minute of the last word is not written: nobody can fill the ledger by talking.
      where last.id is null or last.at <= ${times.same} or last.at <= ${times.word} and
        (last.recovery_points, last.protected_bytes, last.oldest_point_at, last.newest_point_at, last.agent_name)
          is distinct from (said."recoveryPointCount", said."totalBytesProtected", said."oldestRpTimestamp",
            said."newestRpTimestamp", said."displayName")
    )
    insert into usage_entry (at, origin, agent_id, agent_name, host_name, tenant_id, pairing_id, protected_bytes,
      recovery_points, oldest_point_at, newest_point_at)
    select ${times.at}, 'reported', "id", "displayName", "hostName", tenant_id, ${pairingId}::uuid, "totalBytesProtected",
      "recoveryPointCount", "oldestRpTimestamp", "newestRpTimestamp" from fresh`;
}
