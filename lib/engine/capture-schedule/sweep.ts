import "server-only";
import type { EngineContext } from "@/lib/engine/context";

/** The rest is found by the next sweep. */
const AGENTS_MAX = 1_000;

/** Agents that this core has taken over and replicates back to their former source: from now on it keeps their objective. */
export async function sweepSchedules(ctx: EngineContext): Promise<void> {
  const now = ctx.now();
  await ctx.db.prisma.$executeRaw`
    update agent set next_capture_at = ${now}, scheduled_up_to = ${now}
    where next_capture_at is null and id in (
      select a.id from agent a join replication_session s on s.agent_id = a.id
      where a.next_capture_at is null and a.lead_pairing_id is null and a.deletion_asked_at is null and a.kind = 'machine'
        and s.side = 'target' and s.role = 'source' and s.state in ('initializing', 'ok', 'synchronizing', 'system_paused')
        and exists (
          select 1 from volume v where v.agent_id = a.id and v.removed_at is null and v.kind <> 'stream'
            and v.path is not null and coalesce(v.policy_id, a.policy_id) is not null
        )
      limit ${AGENTS_MAX}
    )`;
}
