import type { PairingSummary, WantedAgent } from "@/lib/engine/pairing/schemas";
import type { RepositorySummary } from "@/lib/engine/repositories/schemas";
import { formatBytes, formatDuration, formatNumberOf } from "@/lib/format";

/** What the administrator chose for one wanted agent. */
export interface AgentChoice {
  taken: boolean;
  repositoryId: string;
  quotaBytes: number | null;
}

export type Choices = Readonly<Record<string, AgentChoice>>;

/** The reachable repository with the most room; what a form proposes. */
export function roomiest(repositories: readonly RepositorySummary[]): string {
  const reachable = repositories.filter((repository) => repository.reachable);
  return [...reachable].sort((a, b) => b.freeBytes - a.freeBytes)[0]?.id ?? repositories[0]?.id ?? "";
}

export const firstChoices = (request: PairingSummary, repositoryId: string): Choices =>
  Object.fromEntries(
    request.wantedAgents.map((agent) => [agent.agentId, { taken: true, repositoryId, quotaBytes: null }]),
  );

export const takenOf = (request: PairingSummary, choices: Choices): WantedAgent[] =>
  request.wantedAgents.filter((agent) => choices[agent.agentId]?.taken);

/** What approving will do, in a sentence; the button says nothing that this does not. */
export function consequence(taken: readonly WantedAgent[], of: number, capBytesPerSecond: number | null): string {
  if (taken.length === 0) return "Choose at least one agent.";
  const sizeBytes = taken.reduce((sum, agent) => sum + agent.sizeBytes, 0);
  const count = taken.length === of ? formatNumberOf(of, "agent") : `${taken.length} of ${formatNumberOf(of, "agent")}`;
  const how = capBytesPerSecond
    ? `, at least ${formatDuration(sizeBytes / capBytesPerSecond)} at this cap when nothing is here yet`
    : "";
  return `${count}, ${formatBytes(sizeBytes)}. Replication starts at once${how}.`;
}

/** Repositories that have less room than what is about to arrive, before deduplication. */
export function tooSmall(
  request: PairingSummary,
  choices: Choices,
  repositories: readonly RepositorySummary[],
): { repository: RepositorySummary; neededBytes: number }[] {
  return repositories
    .map((repository) => ({
      repository,
      neededBytes: takenOf(request, choices)
        .filter((agent) => choices[agent.agentId]?.repositoryId === repository.id)
        .reduce((sum, agent) => sum + agent.sizeBytes, 0),
    }))
    .filter(({ repository, neededBytes }) => repository.reachable && neededBytes > repository.freeBytes);
}
