import "server-only";
import type { Tx } from "@/lib/db/client";
import type { EngineContext } from "@/lib/engine/context";
import { requireReplicatedAgent } from "@/lib/engine/image-sessions/find";
import { notFound, TwincoreError } from "@/lib/errors";
import type { Agent, ReplicationSession } from "@/prisma/generated/client";

export interface LedAgent {
  readonly agent: Agent & { pairingId: string };
  readonly session: ReplicationSession;
}

/**
 * An agent of the calling core for which this core is current, since a failover. Another core's agent is `not_found`, like one that
 * never was; `conflict` with detail "wrong-side" while the caller itself is current.
 */
export async function requireLedAgent(ctx: EngineContext, agentId: string): Promise<LedAgent> {
  const agent = await requireReplicatedAgent(ctx, agentId);
  const session = await ctx.db.prisma.replicationSession.findUnique({
    where: { agentId_pairingId: { agentId: agent.id, pairingId: agent.pairingId } },
  });
  if (!session || session.state === "ended") throw notFound("agent");
  if (session.role !== "source")
    throw new TwincoreError("conflict", "This core is not current for the agent; there is nothing to fetch from it.", {
      detail: "wrong-side",
    });
  return { agent, session };
}

/**
 * Throws `conflict` with detail "failed-over" when this core is current for the agent: nothing is pushed into it any more. Within the
 * transaction the session's row is held, so that a failover waits for it, or is seen.
 */
export async function assertFollows(tx: Tx, { agentId, pairingId }: { agentId: string; pairingId: string }) {
  const [row] = await tx.$queryRaw<{ role: string; state: string }[]>`
    select role::text as role, state::text as state from replication_session
    where agent_id = ${agentId}::uuid and pairing_id = ${pairingId}::uuid for share`;
  if (row?.role === "source" || row?.state === "failing_over_for_dr")
    throw new TwincoreError(
      "conflict",
      "The agent has failed over to this core, which takes no more recovery points of it. They stay where they are; reprotect it to copy the other way.",
      { detail: "failed-over" },
    );
}
