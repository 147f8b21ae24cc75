"use client";

import { PenLine } from "lucide-react";
import { PagedTable } from "@/components/feedback/paged-table";
import type { Column } from "@/components/ui/data-table";
import { EmptyState } from "@/components/ui/empty-state";
import { RelativeTime } from "@/components/ui/relative-time";
import { formatMonth } from "@/components/usage/figures";
import { METER_WORDS } from "@/components/usage/words";
import type { Correction } from "@/lib/engine/usage/schemas";
import { formatQuantity } from "./figures";
import { correctionsQuery } from "./queries";

const COLUMNS: readonly Column<Correction>[] = [
  { id: "tenant", header: "Tenant", cell: (row) => row.tenantName },
  { id: "month", header: "Month", cell: (row) => formatMonth(row.month) },
  { id: "meter", header: "What", cell: (row) => METER_WORDS[row.meter].label },
  { id: "quantity", header: "Quantity", align: "right", cell: (row) => formatQuantity(row.quantity, row.unit) },
  { id: "reason", header: "Reason", wide: true, cell: (row) => row.reason },
  { id: "by", header: "By", cell: (row) => row.createdBy.replace(/^account:/, "") },
  { id: "at", header: "When", cell: (row) => <RelativeTime at={row.createdAt} /> },
];

/** What people changed of usage, newest first; the tenant only where there may be more than one. */
export function CorrectionTable({ filter }: { filter: { tenantId?: string; month?: string } }) {
  return (
    <PagedTable
      options={correctionsQuery(filter)}
      what="the corrections"
      label="Corrections"
      columns={filter.tenantId ? COLUMNS.filter((column) => column.id !== "tenant") : COLUMNS}
      rowKey={(row) => row.id}
      empty={
        <EmptyState icon={PenLine} title="No correction">
          Usage itself is never edited. When a figure was wrong, a correction with its reason stands on the statement as
          a line of its own.
        </EmptyState>
      }
    />
  );
}
