import { LinkProgress } from "@/components/ui/progress";
import type { RunReport } from "@/lib/engine/sessions/schemas";
import { formatBytes, formatDuration, formatPercent, formatRate } from "@/lib/format";
import { isMoving, phaseLabel, runShare } from "./words";

const LINE_STATE = {
  queued: "moving",
  running: "moving",
  paused: "held",
  succeeded: "done",
  failed: "failed",
  cancelled: "held",
} as const;

/** A run in one line: how far, how fast, how long still, what did not have to travel. */
export function RunProgress({ run, name }: { run: RunReport; name: string }) {
  const share = runShare(run);
  const parts = [
    `${formatBytes(run.bytesDone)} of ${formatBytes(run.bytesTotal)}`,
    run.state === "running" && run.rateBytesPerSecond > 0 && formatRate(run.rateBytesPerSecond),
    run.state === "running" && run.etaSeconds !== null && `${formatDuration(run.etaSeconds)} left`,
    run.savedBytes > 0 && `${formatBytes(run.savedBytes)} saved`,
  ].filter(Boolean);
  const valueText = share === null ? phaseLabel(run.phase) : `${formatPercent(share)}, ${parts[0]}`;
  return (
    <div className="grid min-w-44 gap-1">
      <LinkProgress
        share={isMoving(run) || share !== null ? share : 0}
        label={`Replication of ${name}`}
        valueText={valueText}
        state={LINE_STATE[run.state]}
      />
      <span data-figures className="flex flex-wrap gap-x-2 text-muted text-xs">
        {share === null && isMoving(run) ? (
          <span>{phaseLabel(run.phase)}…</span>
        ) : (
          parts.map((part) => (
            <span key={String(part)} className="whitespace-nowrap">
              {part}
            </span>
          ))
        )}
      </span>
    </div>
  );
}
