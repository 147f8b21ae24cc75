"use client";

import { History, TriangleAlert } from "lucide-react";
import { PagedTable } from "@/components/feedback/paged-table";
import { IncompleteBadge, KeepBadges, LostBadge } from "@/components/recovery-points/badges";
import { Badge } from "@/components/ui/badge";
import type { Column } from "@/components/ui/data-table";
import { EmptyState } from "@/components/ui/empty-state";
import { Panel } from "@/components/ui/panel";
import { RelativeTime } from "@/components/ui/relative-time";
import type { AgentDetail } from "@/lib/engine/agents/schemas";
import type { RecoveryPointSummary } from "@/lib/engine/recovery-points/schemas";
import { formatAbsolute, formatBytes, formatCount } from "@/lib/format";
import { recoveryPointsQuery } from "./queries";

const COLUMNS: readonly Column<RecoveryPointSummary>[] = [
  {
    id: "created",
    header: "Shows the moment",
    cell: (point) => (
      <span className="flex min-w-0 flex-wrap items-center gap-1.5">
        <span suppressHydrationWarning>{formatAbsolute(new Date(point.createdAt))}</span>
        <LostBadge point={point} />
      </span>
    ),
  },
  {
    id: "label",
    header: "Label",
    wide: true,
    cell: (point) =>
      point.label || point.locked || point.deletedOnSourceAt ? (
        <span className="flex min-w-0 flex-wrap items-center gap-1.5">
          {point.label && <span className="min-w-0 max-w-64 break-words">{point.label}</span>}
          <KeepBadges point={point} />
        </span>
      ) : (
        <span className="text-muted text-xs">none</span>
      ),
  },
  { id: "age", header: "Age", cell: (point) => <RelativeTime at={point.createdAt} /> },
  { id: "number", header: "Number", align: "right", cell: (point) => formatCount(point.sequence) },
  { id: "size", header: "Size", align: "right", cell: (point) => formatBytes(point.logicalBytes) },
  { id: "stored", header: "New in store", align: "right", cell: (point) => formatBytes(point.storedBytes) },
  {
    id: "skipped",
    header: "Skipped",
    cell: (point) =>
      point.missingVolumes.length > 0 ? (
        <IncompleteBadge point={point} />
      ) : point.skippedCount > 0 ? (
        <Badge tone="warn" icon={TriangleAlert}>{`${formatCount(point.skippedCount)} skipped`}</Badge>
      ) : (
        <span className="text-muted text-xs">nothing</span>
      ),
  },
];

/** The moments an agent can be brought back to, the newest first. */
export function RecoveryPointTable({ agent }: { agent: AgentDetail }) {
  return (
    <Panel flush title="Recovery points">
      <PagedTable
        options={recoveryPointsQuery(agent.id)}
        what="the recovery points"
        label="Recovery points"
        columns={COLUMNS}
        rowKey={(point) => point.id}
        href={(point) => `/recovery-points/${point.id}`}
        empty={
          <EmptyState icon={History} title="No recovery point yet">
            {agent.source
              ? "The first one appears when the source has replicated it."
              : "Capture the agent, or send a stream, and what it holds at that moment can be restored from here on."}
          </EmptyState>
        }
      />
    </Panel>
  );
}
