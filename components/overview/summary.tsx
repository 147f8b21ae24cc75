"use client";

import { useQuery } from "@tanstack/react-query";
import { QueryView } from "@/components/feedback/query-view";
import { Figures } from "@/components/ui/facts";
import { Skeleton } from "@/components/ui/skeleton";
import type { Overview } from "@/lib/engine/core/schemas";
import { formatBytes, formatCount } from "@/lib/format";
import { FirstSteps } from "./first-steps";
import { overviewQuery } from "./queries";

/** The core in a few figures; while it is new, the way to the first replication. */
export function OverviewSummary() {
  const query = useQuery(overviewQuery());
  return (
    <QueryView query={query} what="the overview" loading={<Skeleton className="h-17" />}>
      {(overview) => (
        <>
          <FirstSteps overview={overview} />
          <Figures items={figures(overview)} />
        </>
      )}
    </QueryView>
  );
}

function figures({ counts, storage }: Overview) {
  return [
    {
      label: "Sessions in time",
      value: `${formatCount(counts.sessions - counts.sessionsBehind)} of ${formatCount(counts.sessions)}`,
    },
    { label: "Running now", value: formatCount(counts.runsActive + counts.tasksActive) },
    { label: "Agents", value: formatCount(counts.agents) },
    { label: "Recovery points", value: formatCount(counts.recoveryPoints) },
    { label: "Peers", value: formatCount(counts.peers) },
    { label: "Stored", value: formatBytes(storage.storedBytes) },
    { label: "Before dedup", value: formatBytes(storage.logicalBytes) },
  ];
}
