import type { Tx } from "@/lib/db/client";
import { TwincoreError } from "@/lib/errors";

/** What has to be known of an agent to say who leads it. */
export const withLeadPairing = { leadPairing: { select: { state: true, peerName: true } } } as const;

interface Led {
  leadPairing: { state: string; peerName: string } | null;
}

/** The name of the core whose word counts for an agent: the one that is current for it, while the pairing lasts. null: people here decide. */
export function leaderOfAgent({ leadPairing }: Led): string | null {
  return leadPairing?.state === "established" ? leadPairing.peerName : null;
}

interface Captured extends Led {
  id: string;
  name: string;
  leadPairingId: string | null;
}

/**
 * Throws `conflict` unless this core is current for the agent: detail "not-current" when another one is, "failing-over" while a
 * planned failover brings the last points over. A capture that is under way may still end then, and is brought over too.
 */
export async function assertCapturable(tx: Pick<Tx, "replicationSession">, agent: Captured): Promise<void> {
  assertCurrent(agent);
  const leaving = await tx.replicationSession.findFirst({
    where: {
      agentId: agent.id,
      role: "source",
      OR: [
        { state: { in: ["failing_over", "failing_over_for_dr"] } },
        // The disks here are not yet what the newest point shows.
        { pendingOrder: { path: ["order"], equals: "materialize" } },
      ],
    },
    include: { pairing: { select: { peerName: true } } },
  });
  if (leaving)
    throw new TwincoreError(
      "conflict",
      leaving.state === "failing_over"
        ? `${agent.name} is failing over to ${leaving.pairing.peerName} just now, so nothing new is captured.`
        : `${agent.name} is being taken over from ${leaving.pairing.peerName}; it is captured when that is done.`,
      { detail: "failing-over" },
    );
}

/** Throws `conflict` with detail "not-current" when another core is current for the agent. */
export function assertCurrent({ name, leadPairingId, leadPairing }: Omit<Captured, "id">): void {
  if (leadPairingId === null) return;
  const leader = leadPairing?.peerName ?? "another core";
  throw new TwincoreError("conflict", `${name} is replicated to here; ${leader} is current for it and captures it.`, {
    detail: "not-current",
  });
}
