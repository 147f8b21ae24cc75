"use client";

import { useQuery } from "@tanstack/react-query";
import { FileText } from "lucide-react";
import { PagedTable } from "@/components/feedback/paged-table";
import type { Column } from "@/components/ui/data-table";
import { EmptyState } from "@/components/ui/empty-state";
import type { ComputedStatement, StatementPreview } from "@/lib/engine/statements/schemas";
import { formatAmount } from "./figures";
import { MissingHours } from "./missing-hours";
import { previewQuery, tenantsQuery } from "./queries";

type Tenant = { id: string; name: string };

/** The month that is not over: what each tenant came to so far, and what the whole month will probably come to. */
export function RunningMonth() {
  return (
    <PagedTable
      options={tenantsQuery()}
      what="the tenants"
      label="Tenants, this month"
      columns={COLUMNS}
      rowKey={(tenant) => tenant.id}
      href={(tenant) => `/usage?tenant=${tenant.id}`}
      empty={
        <EmptyState icon={FileText} title="No tenant yet">
          Tenants are the customers whose agents are here. The first figures come within the hour after the first
          recovery point.
        </EmptyState>
      }
    />
  );
}

const COLUMNS: readonly Column<Tenant>[] = [
  { id: "tenant", header: "Tenant", cell: (tenant) => tenant.name },
  {
    id: "plan",
    header: "Plan",
    cell: (tenant) => <Of tenant={tenant} show={({ planName }) => planName || "usage without prices"} />,
  },
  {
    id: "missing",
    header: "Not measured",
    align: "right",
    cell: (tenant) => <Of tenant={tenant} show={({ toDate }) => <MissingHours hours={toDate.missingHours} />} />,
  },
  {
    id: "to-date",
    header: "Month to date",
    align: "right",
    cell: (tenant) => <Of tenant={tenant} show={(preview) => totalOf(preview, preview.toDate)} />,
  },
  {
    id: "forecast",
    header: "Forecast",
    align: "right",
    cell: (tenant) => <Of tenant={tenant} show={(preview) => totalOf(preview, preview.forecast)} />,
  },
];

/** One figure of a tenant's month; cells of a row share one question. */
function Of({ tenant, show }: { tenant: Tenant; show: (preview: StatementPreview) => React.ReactNode }) {
  const query = useQuery(previewQuery(tenant.id));
  if (query.data) return <>{show(query.data)}</>;
  return query.error ? (
    <span className="text-muted" title={query.error.message}>
      not known
    </span>
  ) : (
    <span className="text-muted" aria-busy>
      …
    </span>
  );
}

function totalOf(preview: StatementPreview, computed: ComputedStatement | null) {
  if (!computed || !preview.currency) return <span className="text-muted">–</span>;
  return formatAmount(computed.total, preview);
}
