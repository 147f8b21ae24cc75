"use client";

import { ShieldCheck, Users } from "lucide-react";
import { useDeferredValue, useState } from "react";
import { PagedTable } from "@/components/feedback/paged-table";
import { Badge } from "@/components/ui/badge";
import type { Column } from "@/components/ui/data-table";
import { EmptyState } from "@/components/ui/empty-state";
import { Input, Select } from "@/components/ui/field";
import { Panel } from "@/components/ui/panel";
import { RelativeTime } from "@/components/ui/relative-time";
import { type AccountReport, AccountState, Role } from "@/lib/engine/accounts/schemas";
import { type AccountFilter, accountsQuery } from "./queries";
import { ROLE_WORDS, STATE_WORDS } from "./words";

/** Everybody with an account here. */
export function PeopleTable() {
  const [filter, setFilter] = useState<AccountFilter>({});
  // The list follows the typing as quickly as the core answers, not letter by letter.
  const asked = useDeferredValue(filter);
  const isFiltered = Boolean(filter.text || filter.role || filter.state);
  return (
    <Panel flush title="People" actions={<Filters filter={filter} change={setFilter} />}>
      <PagedTable
        options={accountsQuery(asked)}
        what="the people"
        label="People"
        columns={COLUMNS}
        rowKey={(account) => account.id}
        href={(account) => `/people/${account.id}`}
        empty={<EmptyState icon={Users} title={isFiltered ? "Nobody like that" : "Nobody yet"} />}
      />
    </Panel>
  );
}

const COLUMNS: readonly Column<AccountReport>[] = [
  { id: "name", header: "Name", cell: (account) => account.name },
  { id: "email", header: "E-mail", cell: (account) => <span className="wrap-anywhere">{account.email}</span> },
  { id: "role", header: "Role", cell: (account) => ROLE_WORDS[account.role].name },
  { id: "tenants", header: "Tenants", cell: (account) => <BoundTo account={account} /> },
  {
    id: "state",
    header: "State",
    cell: (account) => <Badge tone={STATE_WORDS[account.state].tone}>{STATE_WORDS[account.state].label}</Badge>,
  },
  {
    id: "factor",
    header: "Second factor",
    cell: (account) =>
      account.hasSecondFactor ? (
        <span className="inline-flex items-center gap-1">
          <ShieldCheck className="size-3.5 text-ok" aria-hidden />
          on
        </span>
      ) : (
        "–"
      ),
  },
  {
    id: "seen",
    header: "Last sign-in",
    cell: (account) => (account.lastSignInAt ? <RelativeTime at={account.lastSignInAt} /> : "never"),
  },
];

/** The first two by name, the others by number. */
function BoundTo({ account }: { account: AccountReport }) {
  if (account.tenants === null) return "all";
  if (account.tenants.length === 0) return "none";
  const names = account.tenants.map(({ name }) => name);
  const rest = names.length - 2;
  return <span title={names.join(", ")}>{names.slice(0, 2).join(", ") + (rest > 0 ? ` and ${rest} more` : "")}</span>;
}

function Filters({ filter, change }: { filter: AccountFilter; change: (filter: AccountFilter) => void }) {
  return (
    <>
      <Input
        type="search"
        aria-label="Name or e-mail"
        placeholder="Name or e-mail"
        className="h-8 w-44 text-xs"
        value={filter.text ?? ""}
        onChange={(event) => change({ ...filter, text: event.target.value || undefined })}
      />
      <Select
        aria-label="Role"
        className="h-8 w-36 text-xs"
        value={filter.role ?? ""}
        onChange={(event) => change({ ...filter, role: Role.safeParse(event.target.value).data })}
      >
        <option value="">Every role</option>
        {Role.options.map((role) => (
          <option key={role} value={role}>
            {ROLE_WORDS[role].name}
          </option>
        ))}
      </Select>
      <Select
        aria-label="State"
        className="h-8 w-36 text-xs"
        value={filter.state ?? ""}
        onChange={(event) => change({ ...filter, state: AccountState.safeParse(event.target.value).data })}
      >
        <option value="">Every state</option>
        {AccountState.options.map((state) => (
          <option key={state} value={state}>
            {STATE_WORDS[state].label}
          </option>
        ))}
      </Select>
    </>
  );
}
