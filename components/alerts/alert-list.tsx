"use client";

import { useQuery } from "@tanstack/react-query";
import { BellOff, CircleCheck } from "lucide-react";
import type { Route } from "next";
import { usePathname, useRouter, useSearchParams } from "next/navigation";
import { Pager } from "@/components/feedback/pager";
import { QueryError } from "@/components/feedback/query-error";
import { usePaged } from "@/components/feedback/use-paged";
import { May } from "@/components/shell/may";
import { useMay } from "@/components/shell/me";
import { EmptyState } from "@/components/ui/empty-state";
import { Select } from "@/components/ui/field";
import { Panel } from "@/components/ui/panel";
import { SkeletonRows } from "@/components/ui/skeleton";
import { adminContract } from "@/lib/admin/contract";
import { AlertSeverity, ListAlertsInput } from "@/lib/engine/alerts/schemas";
import { Id } from "@/lib/engine/schemas";
import { AcknowledgeShown } from "./acknowledge-shown";
import { AlertItem } from "./alert-item";
import { tenantNamesQuery } from "./channel-queries";
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
  const tenantId = Id.safeParse(asked.get("tenant")).data;
  const { query, rows, total } = usePaged(alertsQuery({ state, severity, tenantId }));
  const open = rows.filter((alert) => alert.state === "open");
  return (
    <Panel flush title="Alerts" actions={<Filters state={state} severity={severity} tenantId={tenantId} />}>
      {query.error && <QueryError error={query.error} what="the alerts" onRetry={() => void query.refetch()} />}
      {query.isPending && <SkeletonRows label="the alerts" />}
      {query.data && rows.length === 0 && <None quiet={state === "current" && !severity && !tenantId} />}
      {open.length > 1 && (
        <May call="acknowledgeAlerts">
          <AcknowledgeShown alerts={open} />
        </May>
      )}
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

function Filters({ state, severity, tenantId }: AlertFilter) {
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
      <TenantFilter value={tenantId} onChoose={(id) => choose("tenant", id)} />
    </>
  );
}

/** For those who may know of tenants, where there is more than one. */
function TenantFilter({ value, onChoose }: { value: string | undefined; onChoose: (id: string) => void }) {
  const may = useMay();
  const { data } = useQuery({ ...tenantNamesQuery(), enabled: may(adminContract.listTenants) });
  if (!data || data.items.length < 2) return null;
  return (
    <Select
      aria-label="Tenant"
      className="h-8 w-36 text-xs"
      value={value ?? ""}
      onChange={(event) => onChoose(event.target.value)}
    >
      <option value="">Any tenant</option>
      {data.items.map(({ id, name }) => (
        <option key={id} value={id}>
          {name}
        </option>
      ))}
    </Select>
  );
}
