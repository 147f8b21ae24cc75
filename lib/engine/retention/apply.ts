import "server-only";
import type { Tx } from "@/lib/db/client";

/** Points of one rule; those of one agent alone when it is named. */
export interface RetentionScope {
  readonly snapshotRuleId: string;
  readonly agentId?: string;
}

/**
 * Writes when retention may delete the points that a rule made, by what it says now: so long after the moment that each shows; and
 * those that are more than it keeps, at once, which is written as the very moment that they show. Nothing is deleted here.
 */
export async function applyRetention(tx: Tx, { snapshotRuleId, agentId = undefined }: RetentionScope): Promise<void> {
  await tx.$executeRaw`
    update recovery_point p
    set expires_at = case
      when r.retention_count is not null and ranked.place > r.retention_count then p.created_at
      else p.created_at + r.retention_hours * interval '1 hour'
    end
    from snapshot_rule r, (
      select id, row_number() over (partition by agent_id order by sequence desc) as place
      from recovery_point
      where snapshot_rule_id = ${snapshotRuleId}::uuid and origin = 'scheduled' and missing_volumes = '{}'
        and (${agentId ?? null}::uuid is null or agent_id = ${agentId ?? null}::uuid)
    ) ranked
    where r.id = ${snapshotRuleId}::uuid and p.id = ranked.id and p.expires_at is distinct from case
      when r.retention_count is not null and ranked.place > r.retention_count then p.created_at
      else p.created_at + r.retention_hours * interval '1 hour'
    end`;
}
