import { Diff } from "lucide-react";
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

/** Shown where it is not the usual way: disks of this run crossed as changed blocks. */
export function ModeBadge({ run }: { run: RunReport }) {
  if (run.mode !== "direct") return null;
  return (
    <Badge icon={Diff} title="Only the blocks that changed since an image on the target were looked at, not every one.">
      Changed blocks
    </Badge>
  );
}
