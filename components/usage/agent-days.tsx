"use client";

import { CalendarDays } from "lucide-react";
import { PagedTable } from "@/components/feedback/paged-table";
import { Button } from "@/components/ui/button";
import type { Column } from "@/components/ui/data-table";
import { EmptyState } from "@/components/ui/empty-state";
import { Panel } from "@/components/ui/panel";
import type { UsageDayReport } from "@/lib/engine/usage/schemas";
import { formatDuration } from "@/lib/format";
import { formatDecimalBytes, formatLongDay } from "./figures";
import { usageDaysQuery } from "./queries";
import { SamplesSheet } from "./samples-sheet";
import { daysOf, type UsageView } from "./view";

interface AgentDaysProps {
  view: UsageView;
  agentId: string;
  /** null: closes what is open. */
  onOpen: (day: string | null) => void;
}

/** An agent's days; each opens to the samples that it was made of. */
export function AgentDays({ view, agentId, onOpen }: AgentDaysProps) {
  const { tenantId, range, day } = view;
  return (
    <Panel flush title="Days" note="each opens to its samples">
      <PagedTable
        options={usageDaysQuery({ tenantId, agentId, ...daysOf(range) })}
        what="the days"
        label="Days of the agent"
        columns={columnsOf(onOpen)}
        rowKey={(row) => row.id}
        empty={<EmptyState icon={CalendarDays} title="No day of these was measured" />}
      />
      {day && <SamplesSheet agentId={agentId} day={day} tenantId={tenantId} onClose={() => onOpen(null)} />}
    </Panel>
  );
}

const columnsOf = (onOpen: (day: string) => void): readonly Column<UsageDayReport>[] => [
  {
    id: "day",
    header: "Day",
    cell: (row) => (
      <Button tone="ghost" size="sm" className="-ml-2.5" onClick={() => onOpen(row.day)}>
        {formatLongDay(row.day)}
      </Button>
    ),
  },
  { id: "repository", header: "Repository", cell: (row) => row.repositoryName },
  { id: "source", header: "From", cell: (row) => row.sourceName || "captured here" },
  { id: "stored", header: "Stored at its end", align: "right", cell: (row) => formatDecimalBytes(row.storedBytesLast) },
  {
    id: "protected",
    header: "Protected at its end",
    align: "right",
    cell: (row) => formatDecimalBytes(row.protectedBytesLast),
  },
  { id: "transferred", header: "Transferred", align: "right", cell: (row) => formatDecimalBytes(row.transferredBytes) },
  { id: "points", header: "Points", align: "right", cell: (row) => String(row.recoveryPointsMax) },
  { id: "measured", header: "Measured", align: "right", cell: (row) => <Measured row={row} /> },
];

function Measured({ row }: { row: UsageDayReport }) {
  if (row.missingSeconds === 0) return <>{formatDuration(row.measuredSeconds)}</>;
  return <span className="text-warn">{`${formatDuration(row.missingSeconds)} missing`}</span>;
}
