"use client";

import { Gauge } from "lucide-react";
import { type Fact, Figures } from "@/components/ui/facts";
import { Notice } from "@/components/ui/notice";
import { Panel } from "@/components/ui/panel";
import { LinkProgress } from "@/components/ui/progress";
import { Elapsed, RelativeTime } from "@/components/ui/relative-time";
import type { RunReport, SessionDetail } from "@/lib/engine/sessions/schemas";
import { formatBytes, formatCount, formatDuration, formatPercent, formatRate } from "@/lib/format";
import { PhaseSteps } from "./phase-steps";
import { ModeBadge, RunBadge } from "./session-badge";
import { isFetching, isMoving, limitSentence, phaseLabel, runShare } from "./words";

const LINE = {
  queued: "moving",
  running: "moving",
  paused: "held",
  succeeded: "done",
  failed: "failed",
  cancelled: "held",
} as const;

/** The newest run of a session with everything that is known of it. */
export function RunPanel({ session, run }: { session: SessionDetail; run: RunReport }) {
  const share = runShare(run);
  const moving = isMoving(run);
  return (
    <Panel
      title={moving ? "Replicating now" : "Newest run"}
      note={run.startedAt ? <Started run={run} /> : undefined}
      actions={
        <span className="flex flex-wrap items-center justify-end gap-1.5">
          <ModeBadge run={run} />
          <RunBadge run={run} />
        </span>
      }
    >
      <div className="grid gap-4">
        <PhaseSteps run={run} />
        <div className="grid gap-1.5">
          <p data-figures className="flex flex-wrap items-baseline gap-x-2">
            <span className="font-semibold text-2xl tracking-tight">{share === null ? "…" : formatPercent(share)}</span>
            <span className="text-muted">{`${formatBytes(run.bytesDone)} of ${formatBytes(run.bytesTotal)}`}</span>
            {moving && run.etaSeconds !== null && (
              <span className="ml-auto font-medium">{`${formatDuration(run.etaSeconds)} left`}</span>
            )}
          </p>
          <LinkProgress
            share={moving || share !== null ? share : 0}
            label={`Replication of ${session.agent.name}`}
            valueText={
              share === null ? phaseLabel(run.phase) : `${formatPercent(share)} of ${formatBytes(run.bytesTotal)}`
            }
            state={LINE[run.state]}
          />
        </div>
        <Figures items={runFigures(run)} />
        {run.state === "running" && (
          <p className="flex items-start gap-2 text-sm">
            <Gauge className="mt-0.5 size-4 shrink-0 text-muted" aria-hidden />
            {limitSentence(run.limitedBy, session.rateCapBytesPerSecond, isFetching(session))}
          </p>
        )}
        {run.pauseReason && run.state !== "succeeded" && <Notice kind="warn">{run.pauseReason}</Notice>}
        {run.failure && run.failure.message !== session.failure?.message && (
          <Notice kind="danger" title="This run failed">
            {run.failure.message}
          </Notice>
        )}
      </div>
    </Panel>
  );
}

function Started({ run }: { run: RunReport }) {
  if (!run.startedAt) return null;
  return (
    <>
      started <RelativeTime at={run.startedAt} />
      {run.endedAt && (
        <>
          , took <Elapsed since={run.startedAt} until={run.endedAt} />
        </>
      )}
    </>
  );
}

function runFigures(run: RunReport): Fact[] {
  return [
    rateFigure(run),
    { label: "On the wire", value: formatBytes(run.wireBytes) },
    { label: "Saved by deduplication", value: formatBytes(run.savedBytes) },
    { label: "Records new", value: formatCount(run.recordsNew) },
    { label: "Already there", value: formatCount(run.recordsKnown) },
    { label: "Recovery points", value: `${formatCount(run.pointsDone)} of ${formatCount(run.pointsTotal)}` },
  ];
}

/** What it does just now; once it has ended, what it did on the whole. */
function rateFigure(run: RunReport): Fact {
  if (run.state === "running") return { label: "Rate", value: formatRate(run.rateBytesPerSecond) };
  if (!run.startedAt || !run.endedAt) return { label: "Rate", value: "–" };
  const seconds = (new Date(run.endedAt).getTime() - new Date(run.startedAt).getTime()) / 1000;
  return { label: "Average rate", value: seconds > 0 ? formatRate(run.bytesDone / seconds) : "–" };
}
