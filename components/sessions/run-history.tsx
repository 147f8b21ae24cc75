"use client";

import { History } from "lucide-react";
import { type Column, DataTable } from "@/components/ui/data-table";
import { EmptyState } from "@/components/ui/empty-state";
import { Panel } from "@/components/ui/panel";
import { Elapsed, RelativeTime } from "@/components/ui/relative-time";
import type { RunReport } from "@/lib/engine/sessions/schemas";
import { formatBytes, formatCount } from "@/lib/format";
import { ModeBadge, RunBadge } from "./session-badge";
import { phaseLabel } from "./words";

const COLUMNS: readonly Column<RunReport>[] = [
  { id: "when", header: "Started", cell: (run) => <RelativeTime at={run.startedAt ?? run.createdAt} /> },
  {
    id: "state",
    header: "Result",
    cell: (run) => (
      <span className="inline-flex flex-wrap items-center gap-1.5">
        <RunBadge run={run} />
        <ModeBadge run={run} />
      </span>
    ),
  },
  {
    id: "took",
    header: "Took",
    align: "right",
    cell: (run) =>
      run.startedAt ? (
        <Elapsed since={run.startedAt} until={run.endedAt ?? (run.state === "running" ? null : run.updatedAt)} />
      ) : (
        "–"
      ),
  },
  {
    id: "points",
    header: "Points",
    align: "right",
    cell: (run) => `${formatCount(run.pointsDone)} of ${formatCount(run.pointsTotal)}`,
  },
  { id: "wire", header: "On the wire", align: "right", cell: (run) => formatBytes(run.wireBytes) },
  { id: "saved", header: "Saved", align: "right", cell: (run) => formatBytes(run.savedBytes) },
  {
    id: "words",
    wide: true,
    header: "What happened",
    className: "min-w-52",
    cell: (run) => <WhatHappened run={run} />,
  },
];

function WhatHappened({ run }: { run: RunReport }) {
  if (run.failure) return <span className="text-danger text-xs">{run.failure.message}</span>;
  if (run.pauseReason && run.state === "paused") return <span className="text-warn text-xs">{run.pauseReason}</span>;
  const text =
    run.state === "succeeded"
      ? run.pointsTotal === 0
        ? "Nothing was missing on the target."
        : `${formatCount(run.recordsNew)} new records, ${formatCount(run.recordsKnown)} already there.`
      : run.state === "cancelled"
        ? "Stopped by a person; what had arrived stays."
        : `In phase ${phaseLabel(run.phase).toLowerCase()}.`;
  return <span className="text-muted text-xs">{text}</span>;
}

/** The runs so far, the newest first, failures in words. */
export function RunHistory({ runs }: { runs: readonly RunReport[] }) {
  return (
    <Panel flush title="Runs" note={runs.length > 0 ? `the newest ${runs.length}` : undefined}>
      {runs.length === 0 ? (
        <EmptyState icon={History} title="No run yet">
          A run starts by itself as soon as there is a recovery point that the target lacks.
        </EmptyState>
      ) : (
        <DataTable label="Runs" rows={runs} columns={COLUMNS} rowKey={(run) => run.id} />
      )}
    </Panel>
  );
}
