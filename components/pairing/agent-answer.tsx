import { Badge } from "@/components/ui/badge";
import { RelativeTime } from "@/components/ui/relative-time";
import type { WantedAgent } from "@/lib/engine/pairing/schemas";
import { AGENT_ANSWERS } from "./agent-words";

/** What became of one agent, and why when it was refused. */
export function AgentAnswer({ agent }: { agent: WantedAgent }) {
  const word = AGENT_ANSWERS[agent.state];
  return (
    <span className="inline-grid gap-0.5">
      <span className="flex flex-wrap items-center gap-x-2">
        <Badge tone={word.tone} icon={word.icon}>
          {word.label}
        </Badge>
        <span className="text-muted text-xs">
          <RelativeTime at={agent.decidedAt ?? agent.requestedAt} />
        </span>
      </span>
      {agent.state === "denied" && agent.message && (
        <span className="max-w-96 whitespace-normal break-words text-muted text-xs">{`“${agent.message}”`}</span>
      )}
    </span>
  );
}
