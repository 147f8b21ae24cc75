import { UserRound } from "lucide-react";
import { PagedTable } from "@/components/feedback/paged-table";
import { Badge } from "@/components/ui/badge";
import type { Column } from "@/components/ui/data-table";
import { EmptyState } from "@/components/ui/empty-state";
import { Panel } from "@/components/ui/panel";
import { RelativeTime } from "@/components/ui/relative-time";
import type { TenantAccount } from "@/lib/engine/tenants/schemas";
import { tenantAccountsQuery } from "./queries";

const COLUMNS: readonly Column<TenantAccount>[] = [
  {
    id: "name",
    header: "Person",
    cell: (account) => (
      <>
        {account.name}
        <span className="ml-2 break-all font-normal text-muted text-xs">{account.email}</span>
      </>
    ),
  },
  { id: "role", header: "Role", cell: (account) => account.role },
  {
    id: "state",
    header: "Signed in last",
    cell: (account) => {
      if (account.isDisabled) return <Badge tone="neutral">disabled</Badge>;
      return account.lastSignInAt ? <RelativeTime at={account.lastSignInAt} /> : "never";
    },
  },
];

/** Who is bound to this tenant. Accounts of the whole core know of every tenant and do not stand here. */
export const TenantPeople = ({ tenantId }: { tenantId: string }) => (
  <Panel flush title="People" note="bound to it; accounts of the whole core are not listed">
    <PagedTable
      options={tenantAccountsQuery(tenantId)}
      what="its people"
      label="People of this tenant"
      columns={COLUMNS}
      rowKey={(account) => account.id}
      empty={
        <EmptyState icon={UserRound} title="Nobody is bound to it">
          An account that is bound to tenants sees what is theirs, and nothing else of this core.
        </EmptyState>
      }
    />
  </Panel>
);
