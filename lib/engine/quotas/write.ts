import "server-only";
import type { Tx } from "@/lib/db/client";

export interface AgentQuota {
  readonly agentId: string;
  readonly tenantId: string;
  readonly hardBytes: number | null;
}

/**
 * In the transaction that takes agents in: what each may store from now on, as it was chosen; null: it has no such quota. A soft
 * quota below it stays, and one above goes; the quota on protected bytes is left alone. Two statements, however many.
 */
export async function writeAgentQuotas(tx: Tx, quotas: readonly AgentQuota[]): Promise<void> {
  const none = quotas.filter(({ hardBytes }) => hardBytes === null).map(({ agentId }) => agentId);
  if (none.length > 0) await tx.quota.deleteMany({ where: { agentId: { in: none }, meter: "stored" } });
  const rows = JSON.stringify(quotas.filter(({ hardBytes }) => hardBytes !== null));
  await tx.$executeRaw`
    insert into quota (id, subject_id, tenant_id, agent_id, meter, hard_bytes)
    select gen_random_uuid(), q."agentId", q."tenantId", q."agentId", 'stored', q."hardBytes"
    from jsonb_to_recordset(${rows}::jsonb) as q("agentId" uuid, "tenantId" uuid, "hardBytes" bigint)
    order by q."agentId"
    on conflict (subject_id, meter) do update set
      hard_bytes = excluded.hard_bytes, tenant_id = excluded.tenant_id, updated_at = now(),
      soft_bytes = case when quota.soft_bytes <= excluded.hard_bytes then quota.soft_bytes end
    where (quota.hard_bytes, quota.tenant_id) is distinct from (excluded.hard_bytes, excluded.tenant_id)`;
}
