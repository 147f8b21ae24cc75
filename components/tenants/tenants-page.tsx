"use client";

import { Building2, Plus, Search } from "lucide-react";
import type { Route } from "next";
import { usePathname, useRouter, useSearchParams } from "next/navigation";
import { useEffect, useState } from "react";
import { PagedTable } from "@/components/feedback/paged-table";
import { QuotaBadge } from "@/components/quotas/quota-badge";
import { May } from "@/components/shell/may";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import type { Column } from "@/components/ui/data-table";
import { EmptyState } from "@/components/ui/empty-state";
import { Input } from "@/components/ui/field";
import { PageHeader } from "@/components/ui/page-header";
import { Panel } from "@/components/ui/panel";
import type { TenantSummary } from "@/lib/engine/tenants/schemas";
import { formatBytes, formatCount } from "@/lib/format";
import { CreateTenant } from "./create-tenant";
import { tenantsQuery } from "./queries";

const COLUMNS: readonly Column<TenantSummary>[] = [
  {
    id: "name",
    header: "Tenant",
    cell: (tenant) => (
      <span className="flex min-w-0 flex-wrap items-center gap-1.5">
        {tenant.name}
        {tenant.isHome && <Badge tone="copper">this core</Badge>}
      </span>
    ),
  },
  { id: "customer", header: "Customer id", cell: (tenant) => tenant.customerId || "–" },
  { id: "agents", header: "Agents", align: "right", cell: (tenant) => formatCount(tenant.agents) },
  { id: "pairings", header: "Pairings", align: "right", cell: (tenant) => formatCount(tenant.pairings) },
  { id: "points", header: "Recovery points", align: "right", cell: (tenant) => formatCount(tenant.recoveryPoints) },
  { id: "protected", header: "Protected", align: "right", cell: (tenant) => formatBytes(tenant.protectedBytes) },
  { id: "stored", header: "Stored", align: "right", cell: (tenant) => formatBytes(tenant.storedBytes) },
  { id: "quota", header: "Quota", cell: (tenant) => <QuotaBadge state={tenant.quotaState} /> },
];

/** Customers with what they have here. */
export function TenantsPage() {
  const search = useSearchParams().get("search") ?? "";
  const [creating, setCreating] = useState(false);
  const button = (
    <May call="createTenant">
      <Button tone="primary" onClick={() => setCreating(true)}>
        <Plus aria-hidden />
        New tenant
      </Button>
    </May>
  );
  return (
    <>
      <PageHeader
        title="Tenants"
        description="Customers of this core. What belongs to one is never deduplicated against, or shown to, another."
        actions={button}
      />
      <Panel flush title="All tenants" note="measured every ten minutes" actions={<SearchBox search={search} />}>
        <PagedTable
          options={tenantsQuery(search || undefined)}
          what="the tenants"
          label="Tenants"
          columns={COLUMNS}
          rowKey={(tenant) => tenant.id}
          href={(tenant) => `/tenants/${tenant.id}`}
          empty={
            search ? (
              <EmptyState icon={Search} title="No tenant fits" />
            ) : (
              <EmptyState icon={Building2} title="No tenant yet" action={button}>
                A tenant owns pairings, agents, recovery points and a bill of its own.
              </EmptyState>
            )
          }
        />
      </Panel>
      {creating && <CreateTenant onClose={() => setCreating(false)} />}
    </>
  );
}

/** Long enough that a word is typed, short enough that it feels at once. */
const TYPING_MS = 250;

function SearchBox({ search }: { search: string }) {
  const router = useRouter();
  const pathname = usePathname();
  const [text, setText] = useState(search);
  useEffect(() => {
    if (text.trim() === search) return;
    const timer = setTimeout(() => {
      const query = text.trim() ? `?${new URLSearchParams({ search: text.trim() })}` : "";
      // The same page with another query: always a route that exists.
      router.replace(`${pathname}${query}` as Route, { scroll: false });
    }, TYPING_MS);
    return () => clearTimeout(timer);
  }, [text, search, pathname, router]);
  return (
    <Input
      type="search"
      aria-label="Search tenants"
      placeholder="Name or customer id"
      className="h-8 w-48 text-xs"
      maxLength={200}
      value={text}
      onChange={(event) => setText(event.target.value)}
    />
  );
}
