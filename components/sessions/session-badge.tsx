import { Badge } from "@/components/ui/badge";
import type { RunReport, SessionSummary } from "@/lib/engine/sessions/schemas";
import { isMoving, phaseLabel, RUN_WORDS, SESSION_WORDS } from "./words";

/** The state of a session; while a run goes on, the phase it is in. */
export function SessionBadge({ session }: { session: SessionSummary }) {
  const word = SESSION_WORDS[session.state];
  if (session.run && isMoving(session.run) && session.state !== "paused")
    return (
      <Badge tone="petrol" icon={SESSION_WORDS.synchronizing.icon}>
        {session.run.state === "queued" ? "Queued" : phaseLabel(session.run.phase)}
      </Badge>
    );
  const by = session.state === "paused" && session.pausedBy ? ` by the ${session.pausedBy}` : "";
  return (
    <Badge tone={word.tone} icon={word.icon}>
      {word.label + by}
    </Badge>
  );
}

export function RunBadge({ run }: { run: RunReport }) {
  const word = RUN_WORDS[run.state];
  return (
    <Badge tone={word.tone} icon={word.icon}>
      {word.label}
    </Badge>
  );
}
