"use client";

import { useQuery } from "@tanstack/react-query";
import { QueryView } from "@/components/feedback/query-view";
import { TenantPlan } from "@/components/plans/tenant-plan";
import { TenantQuotas } from "@/components/quotas/tenant-quotas";
import { May } from "@/components/shell/may";
import { Badge } from "@/components/ui/badge";
import { CopyText } from "@/components/ui/copy";
import { Facts, Figures } from "@/components/ui/facts";
import { PageHeader } from "@/components/ui/page-header";
import { Panel } from "@/components/ui/panel";
import { RelativeTime } from "@/components/ui/relative-time";
import type { TenantDetail } from "@/lib/engine/tenants/schemas";
import { formatBytes, formatCount } from "@/lib/format";
import { ManageTenant } from "./manage-tenant";
import { tenantQuery } from "./queries";
import { TenantAgents } from "./tenant-agents";
import { TenantPairings } from "./tenant-pairings";
import { TenantPeople } from "./tenant-people";

const TRAIL = [{ label: "Tenants", href: "/tenants" }] as const;

export function TenantPage({ id }: { id: string }) {
  const query = useQuery(tenantQuery(id));
  return (
    <>
      <PageHeader
        title={query.data?.name ?? "Tenant"}
        trail={TRAIL}
        badges={query.data?.isHome && <Badge tone="copper">this core</Badge>}
        actions={query.data && <ManageTenant tenant={query.data} />}
      />
      <QueryView query={query} what="this tenant">
        {(tenant) => <TenantView tenant={tenant} />}
      </QueryView>
    </>
  );
}

/** Each panel asks for itself: what one may not see does not keep the others away. */
const TenantView = ({ tenant }: { tenant: TenantDetail }) => (
  <div className="grid gap-4 lg:grid-cols-[minmax(0,1fr)_20rem]">
    <div className="grid min-w-0 content-start gap-4">
      <Usage tenant={tenant} />
      <TenantQuotas tenantId={tenant.id} />
      <TenantAgents tenantId={tenant.id} />
      <TenantPairings tenantId={tenant.id} />
      <TenantPlan tenantId={tenant.id} />
      <May call="listTenantAccounts">
        <TenantPeople tenantId={tenant.id} />
      </May>
    </div>
    <div className="grid min-w-0 content-start gap-4">
      <About tenant={tenant} />
    </div>
  </div>
);

const Usage = ({ tenant }: { tenant: TenantDetail }) => (
  <Figures
    items={[
      { label: "Protected", value: formatBytes(tenant.protectedBytes) },
      { label: "Stored", value: formatBytes(tenant.storedBytes) },
      { label: "Recovery points", value: formatCount(tenant.recoveryPoints) },
      { label: "Agents", value: formatCount(tenant.agents) },
      { label: "Pairings", value: formatCount(tenant.pairings) },
    ]}
  />
);

const About = ({ tenant }: { tenant: TenantDetail }) => (
  <Panel title="This tenant">
    <Facts
      items={[
        { label: "Customer id", value: tenant.customerId || "–" },
        { label: "Contact", value: tenant.contactEmail || "–" },
        { label: "Time zone", value: tenant.timeZone },
        { label: "Statements to", value: tenant.statementEmails.join(", ") || "nobody" },
        { label: "Since", value: <RelativeTime at={tenant.createdAt} /> },
        { label: "Id", value: <CopyText text={tenant.id} label="tenant id" /> },
      ]}
    />
    {tenant.notes && <p className="mt-3 whitespace-pre-wrap border-t pt-3 text-sm">{tenant.notes}</p>}
    <p className="mt-3 border-t pt-3 text-muted text-xs">
      Agents and pairings stay with the tenant that they began with: their records are deduplicated inside it. To give a
      core to another tenant, end its pairing with its recovery points and pair it anew.
    </p>
  </Panel>
);
