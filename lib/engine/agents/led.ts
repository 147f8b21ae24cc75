/** The name of the core whose word counts for an agent: a replica's source, while the pairing lasts. null: people here decide. */
export function leaderOfAgent(agent: { pairing: { state: string; peerName: string } | null }): string | null {
  return agent.pairing?.state === "established" ? agent.pairing.peerName : null;
}
