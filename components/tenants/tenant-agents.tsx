import { Server } from "lucide-react";
import { Origin } from "@/components/agents/agent-table";
import { PagedTable } from "@/components/feedback/paged-table";
import type { Column } from "@/components/ui/data-table";
import { EmptyState } from "@/components/ui/empty-state";
import { Panel } from "@/components/ui/panel";
import { RelativeTime } from "@/components/ui/relative-time";
import type { AgentSummary } from "@/lib/engine/agents/schemas";
import { formatBytes, formatCount } from "@/lib/format";
import { tenantAgentsQuery } from "./queries";

const COLUMNS: readonly Column<AgentSummary>[] = [
  { id: "name", header: "Agent", cell: (agent) => agent.name },
  { id: "origin", header: "Origin", cell: (agent) => <Origin agent={agent} /> },
  { id: "points", header: "Recovery points", align: "right", cell: (agent) => formatCount(agent.recoveryPoints) },
  {
    id: "newest",
    header: "Newest",
    cell: (agent) => (agent.newestPointAt ? <RelativeTime at={agent.newestPointAt} /> : "none yet"),
  },
  { id: "size", header: "Size", align: "right", cell: (agent) => formatBytes(agent.logicalBytes) },
  { id: "stored", header: "Stored", align: "right", cell: (agent) => formatBytes(agent.storedBytes) },
];

export const TenantAgents = ({ tenantId }: { tenantId: string }) => (
  <Panel flush title="Agents">
    <PagedTable
      options={tenantAgentsQuery(tenantId)}
      what="its agents"
      label="Agents of this tenant"
      columns={COLUMNS}
      rowKey={(agent) => agent.id}
      href={(agent) => `/agents/${agent.id}`}
      empty={
        <EmptyState icon={Server} title="No agent yet">
          Agents come with the cores that are paired for this tenant.
        </EmptyState>
      }
    />
  </Panel>
);
