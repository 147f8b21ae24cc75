"use client";

import { FileText } from "lucide-react";
import type { Route } from "next";
import { usePathname, useRouter, useSearchParams } from "next/navigation";
import { Pager } from "@/components/feedback/pager";
import { QueryError } from "@/components/feedback/query-error";
import { usePaged } from "@/components/feedback/use-paged";
import { useMay, useMe } from "@/components/shell/me";
import { type Column, DataTable } from "@/components/ui/data-table";
import { EmptyState } from "@/components/ui/empty-state";
import { Select } from "@/components/ui/field";
import { Panel } from "@/components/ui/panel";
import { SkeletonRows } from "@/components/ui/skeleton";
import { formatMonth } from "@/components/usage/figures";
import { adminContract } from "@/lib/admin/contract";
import type { StatementSummary } from "@/lib/engine/statements/schemas";
import { Month } from "@/lib/engine/usage/schemas";
import { BillingSettingsLine } from "./billing-settings";
import { formatAmount, monthBefore, monthOf, recentMonths, sumDecimals } from "./figures";
import { FinaliseMonth } from "./finalise";
import { MissingHours } from "./missing-hours";
import { statementsQuery } from "./queries";
import { RunningMonth } from "./running-month";
import { StateBadge } from "./state-badge";

/** As far back as the list goes; older months stay reachable by their address. */
const MONTHS = 24;

/** All tenants of one month; which one is in the address. */
export function MonthTab() {
  const now = monthOf(new Date());
  const month = Month.safeParse(useSearchParams().get("month")).data ?? monthBefore(now);
  return (
    <div className="grid gap-4">
      {month === now ? (
        <Panel flush title={formatMonth(month)} note="still running" actions={<MonthChoice month={month} now={now} />}>
          <RunningMonth />
        </Panel>
      ) : (
        <PastMonth month={month} now={now} />
      )}
      <BillingSettingsLine />
    </div>
  );
}

function PastMonth({ month, now }: { month: string; now: string }) {
  const { query, rows, total } = usePaged(statementsQuery({ month }));
  const { tenantIds } = useMe();
  const may = useMay()(adminContract.finaliseStatements) && tenantIds === null;
  const drafts = rows.filter((row) => row.state === "draft").length;
  return (
    <Panel
      flush
      title={formatMonth(month)}
      actions={
        <>
          <MonthChoice month={month} now={now} />
          {may && drafts > 0 && <FinaliseMonth month={month} drafts={drafts} more={query.hasNextPage} />}
        </>
      }
    >
      {query.error && <QueryError error={query.error} what="the statements" onRetry={() => void query.refetch()} />}
      {query.isPending && <SkeletonRows label="the statements" />}
      {query.data && rows.length === 0 && <None month={month} />}
      {rows.length > 0 && (
        <>
          <DataTable
            label={`Statements of ${formatMonth(month)}`}
            rows={rows}
            columns={COLUMNS}
            rowKey={(row) => row.id}
            href={(row) => `/statements/${row.id}`}
          />
          <Totals rows={rows} isAll={!query.hasNextPage} />
        </>
      )}
      <Pager
        shown={rows.length}
        total={total}
        hasMore={query.hasNextPage}
        pending={query.isFetchingNextPage}
        onMore={() => void query.fetchNextPage()}
      />
    </Panel>
  );
}

function MonthChoice({ month, now }: { month: string; now: string }) {
  const router = useRouter();
  // The same page with another query: always a route that exists.
  const pathname = usePathname() as Route;
  const months = recentMonths(new Date(), MONTHS);
  return (
    <Select
      aria-label="Month"
      className="h-8 w-44 text-xs"
      value={month}
      onChange={(event) => router.replace(`${pathname}?month=${event.target.value}` as Route)}
    >
      {(months.includes(month) ? months : [month, ...months]).map((one) => (
        <option key={one} value={one}>
          {one === now ? `${formatMonth(one)} (running)` : formatMonth(one)}
        </option>
      ))}
    </Select>
  );
}

const None = ({ month }: { month: string }) => (
  <EmptyState icon={FileText} title={`No statement for ${formatMonth(month)}`}>
    Some hours after a month has ended in a tenant's time zone its draft is here, for every tenant that was there.
  </EmptyState>
);

const amount = (row: StatementSummary) =>
  row.currency ? formatAmount(row.total, row) : <span className="text-muted">no plan</span>;

const COLUMNS: readonly Column<StatementSummary>[] = [
  { id: "tenant", header: "Tenant", cell: (row) => row.tenantName },
  { id: "state", header: "State", cell: (row) => <StateBadge statement={row} /> },
  {
    id: "plan",
    header: "Plan",
    cell: (row) => row.planName || <span className="text-muted">usage without prices</span>,
  },
  { id: "missing", header: "Not measured", align: "right", cell: (row) => <MissingHours hours={row.missingHours} /> },
  { id: "total", header: "Total", align: "right", cell: amount },
];

/** A sum for each currency: they are never added to each other. */
function Totals({ rows, isAll }: { rows: readonly StatementSummary[]; isAll: boolean }) {
  const currencies = [...new Set(rows.map((row) => row.currency).filter(Boolean))].sort();
  if (currencies.length === 0) return null;
  return (
    <ul className="border-t">
      {currencies.map((currency) => {
        const own = rows.filter((row) => row.currency === currency);
        const money = { currency, currencyDigits: own[0]?.currencyDigits ?? 2 };
        return (
          <li key={currency} data-figures className="flex justify-between gap-4 px-3 py-2 font-semibold text-sm">
            <span>{isAll ? `All in ${currency}` : `Those shown in ${currency}`}</span>
            <span>{formatAmount(sumDecimals(own.map((row) => row.total)), money)}</span>
          </li>
        );
      })}
    </ul>
  );
}
