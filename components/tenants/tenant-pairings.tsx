import { Handshake } from "lucide-react";
import { PagedTable } from "@/components/feedback/paged-table";
import type { Column } from "@/components/ui/data-table";
import { EmptyState } from "@/components/ui/empty-state";
import { Panel } from "@/components/ui/panel";
import { RelativeTime } from "@/components/ui/relative-time";
import type { PairingSummary } from "@/lib/engine/pairing/schemas";
import { formatCount } from "@/lib/format";
import { tenantPairingsQuery } from "./queries";

const COLUMNS: readonly Column<PairingSummary>[] = [
  { id: "peer", header: "Core", cell: (pairing) => pairing.peerName },
  {
    id: "agents",
    header: "Agents",
    align: "right",
    cell: (pairing) => formatCount(pairing.wantedAgents.filter(({ approved }) => approved).length),
  },
  { id: "contact", header: "Contact", cell: (pairing) => pairing.contactEmail || "–" },
  {
    id: "heard",
    header: "Last contact",
    cell: (pairing) => (pairing.lastContactAt ? <RelativeTime at={pairing.lastContactAt} /> : "never"),
  },
];

export const TenantPairings = ({ tenantId }: { tenantId: string }) => (
  <Panel flush title="Pairings">
    <PagedTable
      options={tenantPairingsQuery(tenantId)}
      what="its pairings"
      label="Pairings of this tenant"
      columns={COLUMNS}
      rowKey={(pairing) => pairing.id}
      href={(pairing) => `/pairing/${pairing.id}`}
      empty={
        <EmptyState icon={Handshake} title="No core is paired for it">
          Choose this tenant when a pairing request is approved, or make an enrolment token for it.
        </EmptyState>
      }
    />
  </Panel>
);
