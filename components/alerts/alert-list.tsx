"use client";

import { BellOff, CircleCheck } from "lucide-react";
import type { Route } from "next";
import { usePathname, useRouter, useSearchParams } from "next/navigation";
import { Pager } from "@/components/feedback/pager";
import { QueryError } from "@/components/feedback/query-error";
import { usePaged } from "@/components/feedback/use-paged";
import { EmptyState } from "@/components/ui/empty-state";
import { Select } from "@/components/ui/field";
import { Panel } from "@/components/ui/panel";
import { SkeletonRows } from "@/components/ui/skeleton";
import { AlertSeverity, ListAlertsInput } from "@/lib/engine/alerts/schemas";
import { AlertItem } from "./alert-item";
import { type AlertFilter, alertsQuery } from "./queries";
import { SEVERITY_WORDS } from "./words";

const STATES = {
  current: "Not over yet",
  open: "Nobody sees to it",
  acknowledged: "Somebody sees to it",
  cleared: "Over",
  all: "All",
} as const;

/** Every alert, the newest first; which of them is in the address. */
export function AlertList() {
  const asked = useSearchParams();
  const all = asked.get("state") === "all";
  const state = all ? undefined : (ListAlertsInput.shape.state.safeParse(asked.get("state")).data ?? "current");
  const severity = AlertSeverity.safeParse(asked.get("severity")).data;
  const { query, rows, total } = usePaged(alertsQuery({ state, severity }));
  return (
    <Panel flush title="Alerts" actions={<Filters state={state} severity={severity} />}>
      {query.error && <QueryError error={query.error} what="the alerts" onRetry={() => void query.refetch()} />}
      {query.isPending && <SkeletonRows label="the alerts" />}
      {query.data && rows.length === 0 && <None quiet={state === "current" && !severity} />}
      <ul>
        {rows.map((alert) => (
          <AlertItem key={alert.id} alert={alert} />
        ))}
      </ul>
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

const None = ({ quiet }: { quiet: boolean }) =>
  quiet ? (
    <EmptyState icon={CircleCheck} title="Nothing is the matter">
      Here stands what is behind its RPO or will be, what fails again and again, requests that nobody answers, and
      certificates near their end.
    </EmptyState>
  ) : (
    <EmptyState icon={BellOff} title="No alert of this kind" />
  );

function Filters({ state, severity }: AlertFilter) {
  const router = useRouter();
  // The same page with another query: always a route that exists.
  const pathname = usePathname() as Route;
  const asked = useSearchParams();
  const choose = (name: string, value: string) => {
    const next = new URLSearchParams(asked);
    if (value) next.set(name, value);
    else next.delete(name);
    router.replace(next.size > 0 ? (`${pathname}?${next}` as Route) : pathname);
  };
  return (
    <>
      <Select
        aria-label="Which alerts"
        className="h-8 w-44 text-xs"
        value={state ?? "all"}
        onChange={(event) => choose("state", event.target.value === "current" ? "" : event.target.value)}
      >
        {Object.entries(STATES).map(([value, label]) => (
          <option key={value} value={value}>
            {label}
          </option>
        ))}
      </Select>
      <Select
        aria-label="Severity"
        className="h-8 w-36 text-xs"
        value={severity ?? ""}
        onChange={(event) => choose("severity", event.target.value)}
      >
        <option value="">Any severity</option>
        {[...AlertSeverity.options].reverse().map((option) => (
          <option key={option} value={option}>
            {SEVERITY_WORDS[option].label}
          </option>
        ))}
      </Select>
    </>
  );
}
