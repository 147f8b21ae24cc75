import "server-only";
import type { Tx } from "@/lib/db/client";
import type { EngineContext } from "@/lib/engine/context";
import { TwincoreError } from "@/lib/errors";
import { lockPairing, type SummaryRow } from "../internal";
import { AGENTS_PER_PAIRING_MAX } from "./peer-schemas";

/** An agent as its core names it. */
export interface AskedAgent {
  readonly id: string;
  readonly displayName: string;
  readonly hostName: string;
  readonly size: number;
}

/** The caller's pairing, held until the end of the transaction. Throws unauthenticated when it was ended meanwhile. */
export async function lockEstablished(tx: Tx, pairingId: string): Promise<SummaryRow> {
  const pairing = await lockPairing(tx, pairingId);
  if (pairing.side === "target" && pairing.state === "established") return pairing;
  throw new TwincoreError("unauthenticated", "This pairing is not established.");
}

/** Each agent once, as it is named last. */
export const distinct = <T>(agents: readonly T[], idOf: (agent: T) => string): T[] => [
  ...new Map(agents.map((agent) => [idOf(agent), agent])).values(),
];

/**
 * Writes the wish for each agent that is not here yet; answers the ids of those that are news: asked for the first time, again
 * after an answer, or under another name. One that was taken in, or is asked for already, is not doubled.
 */
export async function writeWishes(
  tx: Tx,
  ctx: EngineContext,
  pairingId: string,
  asked: readonly AskedAgent[],
  message: string,
): Promise<string[]> {
  await makeRoom(tx, pairingId, asked);
  const written = await tx.$queryRaw<{ agent_id: string }[]>`
    insert into pairing_agent (pairing_id, agent_id, name, host_name, size_bytes, message, requested_at)
    select ${pairingId}::uuid, asked.id, asked.name, asked.host_name, asked.size_bytes, ${message}, ${ctx.now()}
    from unnest(
      ${asked.map(({ id }) => id)}::uuid[], ${asked.map(({ displayName }) => displayName)}::text[],
      ${asked.map(({ hostName }) => hostName)}::text[], ${asked.map(({ size }) => BigInt(size))}::bigint[]
    ) as asked (id, name, host_name, size_bytes)
    order by asked.id
    on conflict (pairing_id, agent_id) do update set
      name = excluded.name, host_name = excluded.host_name, size_bytes = excluded.size_bytes, message = excluded.message,
      requested_at = case pairing_agent.state when 'pending' then pairing_agent.requested_at else excluded.requested_at end,
      state = 'pending', decided_at = null, decided_by = null, repository_id = null, quota_bytes = null
    where case pairing_agent.state
      when 'denied' then true
      when 'pending' then (pairing_agent.name, pairing_agent.host_name, pairing_agent.size_bytes, pairing_agent.message)
        is distinct from (excluded.name, excluded.host_name, excluded.size_bytes, excluded.message)
      else not exists (
        select 1 from replication_session as s
        where s.agent_id = excluded.agent_id and s.pairing_id = excluded.pairing_id and s.state <> 'ended'
      )
    end
    returning agent_id`;
  return written.map((row) => row.agent_id);
}

/** Old denials give way to new wishes. Throws too_many_requests when there would still be more than a pairing holds. */
async function makeRoom(tx: Tx, pairingId: string, asked: readonly AskedAgent[]): Promise<void> {
  const others = { pairingId, agentId: { notIn: asked.map(({ id }) => id) } };
  const free = AGENTS_PER_PAIRING_MAX - asked.length;
  const kept = await tx.pairingAgent.count({ where: { ...others, state: { not: "denied" } } });
  if (kept > free)
    throw new TwincoreError(
      "too_many_requests",
      `A pairing holds at most ${AGENTS_PER_PAIRING_MAX} agents, taken in or asked for; ${kept} are there. Ask for fewer.`,
      { retryAfterSeconds: 3600 },
    );
  const denied = await tx.pairingAgent.findMany({
    where: { ...others, state: "denied" },
    orderBy: [{ decidedAt: "desc" }, { agentId: "asc" }],
    select: { agentId: true },
    skip: free - kept,
  });
  if (denied.length > 0)
    await tx.pairingAgent.deleteMany({ where: { pairingId, agentId: { in: denied.map(({ agentId }) => agentId) } } });
}
