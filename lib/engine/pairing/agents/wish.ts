import "server-only";
import type { Tx } from "@/lib/db/client";
import type { EngineContext } from "@/lib/engine/context";
import { emitEvents } from "@/lib/engine/events/emit";

interface Wished {
  readonly agentId: string;
  readonly pairingId: string;
}

/**
 * Source: policies ask targets to take these agents. The wish lies in the row; the next word to the target carries it there. One that
 * was answered is asked again, because only who is there already answers at once.
 */
export async function wishByPolicy(tx: Tx, ctx: EngineContext, wished: readonly Wished[]): Promise<void> {
  if (wished.length === 0) return;
  await tx.$executeRaw`
    insert into pairing_agent (pairing_id, agent_id, name, host_name, size_bytes, requested_at, sent_at)
    select wished.pairing_id, a.id, a.name, a.host_name, coalesce(newest.logical_bytes, 0), ${ctx.now()}, null
    from unnest(
      ${wished.map(({ pairingId }) => pairingId)}::uuid[], ${wished.map(({ agentId }) => agentId)}::uuid[]
    ) as wished (pairing_id, agent_id)
    join agent a on a.id = wished.agent_id
    left join lateral (
      select logical_bytes from recovery_point where agent_id = a.id order by sequence desc limit 1
    ) newest on true
    order by wished.pairing_id, a.id
    on conflict (pairing_id, agent_id) do update set
      state = 'pending', message = '', sent_at = null, decided_at = null, decided_by = null,
      requested_at = excluded.requested_at`;
  await emitEvents(tx, "pairing", [...new Set(wished.map(({ pairingId }) => pairingId))]);
}
