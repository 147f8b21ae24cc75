"use client";

import { MonitorX } from "lucide-react";
import { PagedTable } from "@/components/feedback/paged-table";
import { useAction } from "@/components/feedback/use-action";
import type { PagedOptions } from "@/components/feedback/use-paged";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import type { Column } from "@/components/ui/data-table";
import { EmptyState } from "@/components/ui/empty-state";
import { RelativeTime } from "@/components/ui/relative-time";
import type { SignInReport } from "@/lib/engine/accounts/schemas";
import { TOUCHES } from "./queries";
import { browserName, WAY_WORDS } from "./words";

interface SignInListProps {
  options: PagedOptions<SignInReport>;
  end: (id: string) => Promise<unknown>;
  /** With whose they are, where they are of many. */
  showsAccount?: boolean;
}

/** Browsers that are signed in, each with a way to end it at once. */
export function SignInList({ options, end, showsAccount }: SignInListProps) {
  const columns: readonly Column<SignInReport>[] = [
    ...(showsAccount ? [ACCOUNT] : []),
    ...COLUMNS,
    {
      id: "actions",
      header: "Actions",
      align: "right",
      plain: true,
      cell: (signIn) => <End signIn={signIn} end={end} />,
    },
  ];
  return (
    <PagedTable
      options={options}
      what="the sign-ins"
      label="Sign-ins"
      columns={columns}
      rowKey={(signIn) => signIn.id}
      empty={<EmptyState icon={MonitorX} title="Not signed in anywhere" />}
    />
  );
}

const ACCOUNT: Column<SignInReport> = {
  id: "account",
  header: "Account",
  cell: ({ account }) => <span className="wrap-anywhere">{account.email}</span>,
};

const COLUMNS: readonly Column<SignInReport>[] = [
  {
    id: "browser",
    header: "Browser",
    cell: (signIn) => (
      <span className="inline-flex flex-wrap items-center gap-x-2" title={signIn.userAgent}>
        {browserName(signIn.userAgent)}
        {signIn.isCurrent && <Badge tone="petrol">this one</Badge>}
      </span>
    ),
  },
  { id: "address", header: "From", cell: (signIn) => signIn.address },
  { id: "way", header: "By", cell: (signIn) => WAY_WORDS[signIn.way] },
  { id: "since", header: "Since", cell: (signIn) => <RelativeTime at={signIn.createdAt} /> },
  { id: "seen", header: "Last seen", cell: (signIn) => <RelativeTime at={signIn.lastSeenAt} /> },
];

function End({ signIn, end }: { signIn: SignInReport; end: (id: string) => Promise<unknown> }) {
  const name = browserName(signIn.userAgent);
  const action = useAction({
    run: () => end(signIn.id),
    touches: TOUCHES,
    done: () => `The sign-in in ${name} has ended`,
  });
  if (signIn.isCurrent) return null;
  return (
    <Button
      size="sm"
      pending={action.isPending}
      aria-label={`End the sign-in of ${signIn.account.email} in ${name}`}
      onClick={() => action.mutate(undefined)}
    >
      End
    </Button>
  );
}
