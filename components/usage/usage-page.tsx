"use client";

import { useQuery } from "@tanstack/react-query";
import { ChartArea, Download } from "lucide-react";
import type { ReactNode } from "react";
import { QueryView } from "@/components/feedback/query-view";
import { Button } from "@/components/ui/button";
import { EmptyState } from "@/components/ui/empty-state";
import { Select } from "@/components/ui/field";
import { PageHeader } from "@/components/ui/page-header";
import { Panel } from "@/components/ui/panel";
import { Segments } from "@/components/ui/segments";
import { API_PREFIX } from "@/lib/admin/call";
import type { UsageReport } from "@/lib/engine/usage/schemas";
import { METERS } from "@/lib/engine/usage/schemas";
import { AgentDays } from "./agent-days";
import { AgentUsagePanel } from "./agent-usage";
import { usageReportQuery } from "./queries";
import { UsageChart } from "./usage-chart";
import { UsageTable } from "./usage-table";
import { UsageTiles } from "./usage-tiles";
import { addressOf, daysOf, RANGES, type UsageView, useUsageView } from "./view";
import { GROUP_WORDS, METER_WORDS } from "./words";

/** As many as the report gives by themselves; the chart shows the largest of them. */
const GROUPS = 20;

/** Who uses how much of this core: all tenants, then a tenant's agents, then an agent's days and samples. */
export function UsagePage() {
  const { view, change } = useUsageView();
  const names = useNames(view);
  return (
    <>
      <PageHeader
        title={names.title}
        trail={trailOf(view, names.tenant)}
        description="What this core holds for whom, by the day. 1 GB is 1,000,000,000 bytes, as on statements."
        actions={<ExportButton view={view} />}
      />
      <div className="grid gap-4">
        <UsageTiles view={view} />
        <Panel
          flush
          title={`${METER_WORDS[view.meter].label} by day`}
          note={METER_WORDS[view.meter].meaning}
          actions={<Choices view={view} change={change} />}
        >
          <Report view={view} />
        </Panel>
        {view.agentId && <AgentView view={view} agentId={view.agentId} name={names.agent} change={change} />}
      </div>
    </>
  );
}

function Report({ view }: { view: UsageView }) {
  const { tenantId, agentId, meter, range } = view;
  const groupBy = tenantId || agentId ? "agent" : view.by;
  const query = useQuery(usageReportQuery({ groupBy, meter, tenantId, agentId, ...daysOf(range), groups: GROUPS }));
  return (
    <QueryView query={query} what="the usage">
      {(report) =>
        isEmpty(report) ? (
          <Nothing />
        ) : (
          <>
            <UsageChart report={report} />
            {!agentId && <UsageTable report={report} view={view} />}
          </>
        )
      }
    </QueryView>
  );
}

const isEmpty = ({ sum }: UsageReport) => sum.points.every((point) => point === null);

const Nothing = () => (
  <EmptyState icon={ChartArea} title="Nothing was measured in these days">
    Every agent is measured once an hour and within ten minutes of a change. The first figures are here within the hour
    after the first recovery point.
  </EmptyState>
);

interface AgentViewProps {
  view: UsageView;
  agentId: string;
  name: string;
  change: (changes: Readonly<Record<string, string | null>>, push?: boolean) => void;
}

function AgentView({ view, agentId, name, change }: AgentViewProps): ReactNode {
  return (
    <>
      <AgentUsagePanel agentId={agentId} name={name} source={null} />
      <AgentDays view={view} agentId={agentId} onOpen={(day) => change({ day }, day !== null)} />
    </>
  );
}

function Choices({ view, change }: Pick<AgentViewProps, "view" | "change">) {
  return (
    <>
      {!view.tenantId && !view.agentId && (
        <Select
          aria-label="Added up by"
          className="h-8 w-36 text-xs"
          value={view.by}
          onChange={(event) => change({ by: event.target.value === "tenant" ? null : event.target.value })}
        >
          {(["tenant", "repository", "source"] as const).map((by) => (
            <option key={by} value={by}>
              {`By ${GROUP_WORDS[by].one.toLowerCase()}`}
            </option>
          ))}
        </Select>
      )}
      <Segments
        label="What is measured"
        value={view.meter}
        options={METERS.map((meter) => ({ value: meter, label: METER_WORDS[meter].label }))}
        onChange={(meter) => change({ meter })}
      />
      <Segments
        label="How far back"
        value={view.range}
        options={Object.entries(RANGES).map(([value, { label }]) => ({ value, label }))}
        onChange={(range) => change({ range })}
      />
    </>
  );
}

/** The rows behind the picture, for a spreadsheet. */
function ExportButton({ view: { range, tenantId, agentId } }: { view: UsageView }) {
  const query = new URLSearchParams(daysOf(range));
  if (tenantId) query.set("tenantId", tenantId);
  if (agentId) query.set("agentId", agentId);
  return (
    <Button asChild>
      <a href={`${API_PREFIX}/usage/export?${query}`} download>
        <Download aria-hidden />
        Days as CSV
      </a>
    </Button>
  );
}

/** Names of what the address holds as ids. */
function useNames({ tenantId, agentId, meter, range }: UsageView) {
  const days = daysOf(range);
  const tenant = useQuery({
    ...usageReportQuery({ groupBy: "tenant", meter, tenantId, ...days, groups: 1 }),
    enabled: tenantId !== undefined,
  });
  const agent = useQuery({
    ...usageReportQuery({ groupBy: "agent", meter, agentId, ...days, groups: 1 }),
    enabled: agentId !== undefined,
  });
  const tenantName = tenant.data?.groups[0]?.name ?? "Tenant";
  const agentName = agent.data?.groups[0]?.name ?? "Agent";
  const title = agentId ? agentName : tenantId ? tenantName : "Usage";
  return { title, tenant: tenantName, agent: agentName };
}

function trailOf(view: UsageView, tenantName: string) {
  const top = { label: "Usage", href: addressOf({ ...view, tenantId: undefined, agentId: undefined }) };
  const tenant = { label: tenantName, href: addressOf({ ...view, agentId: undefined }) };
  if (view.agentId) return view.tenantId ? [top, tenant] : [top];
  return view.tenantId ? [top] : [];
}
