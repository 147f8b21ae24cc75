import { KeyRound } from "lucide-react";
import { type Column, DataTable } from "@/components/ui/data-table";
import { EmptyState } from "@/components/ui/empty-state";
import { Panel } from "@/components/ui/panel";
import { RelativeTime } from "@/components/ui/relative-time";
import type { AccountDetail, CredentialReport } from "@/lib/engine/accounts/schemas";

/** Tokens and keys of somebody, by name; only their owner makes and ends them, and disabling the account ends all. */
export function Credentials({ account }: { account: AccountDetail }) {
  return (
    <Panel flush title="Tokens and keys" note="of their scripts, with their role">
      {account.credentials.length === 0 ? (
        <EmptyState icon={KeyRound} title="No token and no key" />
      ) : (
        <DataTable
          label="Tokens and keys"
          rows={account.credentials}
          columns={COLUMNS}
          rowKey={(credential) => `${credential.kind} ${credential.id}`}
        />
      )}
    </Panel>
  );
}

const COLUMNS: readonly Column<CredentialReport>[] = [
  { id: "name", header: "Name", cell: (one) => <span className="font-medium">{one.name}</span> },
  { id: "kind", header: "Kind", cell: (one) => (one.kind === "api-token" ? "API token" : "access key") },
  {
    id: "used",
    header: "Last used",
    cell: (one) => (one.lastUsedAt ? <RelativeTime at={one.lastUsedAt} /> : "never"),
  },
  {
    id: "expires",
    header: "Expires",
    cell: (one) => (one.expiresAt ? <RelativeTime at={one.expiresAt} /> : "never"),
  },
];
