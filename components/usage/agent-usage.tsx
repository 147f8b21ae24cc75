"use client";

import { useQuery } from "@tanstack/react-query";
import { ChartLine } from "lucide-react";
import { QueryView } from "@/components/feedback/query-view";
import { type Column, DataTable } from "@/components/ui/data-table";
import { EmptyState } from "@/components/ui/empty-state";
import { Panel } from "@/components/ui/panel";
import { RelativeTime } from "@/components/ui/relative-time";
import { SeriesChart } from "@/components/ui/series-chart";
import type { AgentUsage, AgentUsageSample } from "@/lib/engine/usage/schemas";
import { formatBytes, formatCount } from "@/lib/format";
import { agentUsageQuery } from "./queries";

/** Samples come each hour at least; after three of them without one, nobody measured. */
const GAP_MS = 3 * 3_600_000;

interface AgentUsageProps {
  agentId: string;
  name: string;
  /** The core that replicates it here; null: captured on this core. */
  source: string | null;
}

/** What an agent occupied here over time, and beside it what its source says of its own storage. */
export function AgentUsagePanel({ agentId, name, source }: AgentUsageProps) {
  const query = useQuery(agentUsageQuery(agentId));
  return (
    <Panel title="Usage over time" note="measured each hour, and within ten minutes of a change" flush>
      <QueryView query={query} what="the usage">
        {(usage) => <UsageView usage={usage} name={name} source={source} />}
      </QueryView>
    </Panel>
  );
}

function UsageView({ usage, name, source }: { usage: AgentUsage; name: string; source: string | null }) {
  if (usage.measured.length === 0 && usage.reported.length === 0)
    return (
      <EmptyState icon={ChartLine} title="Not measured yet">
        The first figures are there within ten minutes.
      </EmptyState>
    );
  const points = usage.measured.map(({ at, protectedBytes, storedBytes }) => ({
    at,
    protectedBytes,
    storedBytes: storedBytes ?? 0,
  }));
  return (
    <>
      {points.length > 0 && (
        <div className="p-3.5">
          <SeriesChart
            summary={`Bytes that ${name} occupied on this core over time, and the size of its newest recovery point.`}
            points={points}
            gapMs={GAP_MS}
            series={[
              { key: "storedBytes", label: "Stored" },
              { key: "protectedBytes", label: "Protected", dashed: true },
            ]}
          />
        </div>
      )}
      <DataTable
        label={`What ${name} occupies, by who says it`}
        rows={linesOf(usage, source)}
        columns={COLUMNS}
        rowKey={(line) => line.where}
      />
    </>
  );
}

interface Line {
  where: string;
  newest: AgentUsageSample;
}

function linesOf({ measured, reported }: AgentUsage, source: string | null): Line[] {
  const lines = [
    { where: "Measured here", newest: measured.at(-1) },
    { where: `Said by ${source ?? "its source"}`, newest: reported.at(-1) },
  ];
  return lines.flatMap(({ where, newest }) => (newest ? [{ where, newest }] : []));
}

const COLUMNS: readonly Column<Line>[] = [
  { id: "where", header: "Figures", cell: ({ where }) => <span className="font-medium">{where}</span> },
  { id: "points", header: "Points", align: "right", cell: ({ newest }) => formatCount(newest.recoveryPoints) },
  { id: "protected", header: "Protected", align: "right", cell: ({ newest }) => formatBytes(newest.protectedBytes) },
  {
    id: "stored",
    header: "Stored",
    align: "right",
    cell: ({ newest }) =>
      newest.storedBytes === null ? <span className="text-muted">not said</span> : formatBytes(newest.storedBytes),
  },
  { id: "at", header: "As of", cell: ({ newest }) => <RelativeTime at={newest.at} /> },
];
