"use client";

import { UsersRound } from "lucide-react";
import Link from "next/link";
import { Pager } from "@/components/feedback/pager";
import { QueryError } from "@/components/feedback/query-error";
import { usePaged } from "@/components/feedback/use-paged";
import { useMay } from "@/components/shell/me";
import { EmptyState } from "@/components/ui/empty-state";
import { Panel } from "@/components/ui/panel";
import { SkeletonRows } from "@/components/ui/skeleton";
import { adminContract } from "@/lib/admin/contract";
import { EndedRequest } from "./ended-request";
import { OpenRequest } from "./open-request";
import { requestsQuery } from "./queries";

/** What waits for a second person, and below it what became of the others. */
export function RequestQueue() {
  return (
    <div className="grid gap-4">
      <Requests state="open" title="Waiting" />
      <Requests state="ended" title="History" />
    </div>
  );
}

function Requests({ state, title }: { state: "open" | "ended"; title: string }) {
  const { query, rows, total } = usePaged(requestsQuery(state));
  return (
    <Panel flush title={title}>
      {query.error && <QueryError error={query.error} what="the requests" onRetry={() => void query.refetch()} />}
      {query.isPending && <SkeletonRows label="the requests" />}
      {query.data && rows.length === 0 && (state === "open" ? <NoneWaits /> : <None />)}
      <ul className="divide-y">
        {rows.map((request) =>
          state === "open" ? (
            <OpenRequest key={request.id} request={request} />
          ) : (
            <EndedRequest key={request.id} request={request} />
          ),
        )}
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

function NoneWaits() {
  const mayChange = useMay()(adminContract.updateProtection);
  return (
    <EmptyState icon={UsersRound} title="Nothing waits for a second person">
      <p>
        Where an administrator switches it on, protected actions (deleting recovery points, approving a pairing and
        others) happen only after a second person agreed. They stand here until then.
      </p>
      {mayChange && (
        <p>
          <Link href="/settings" className="text-petrol hover:underline">
            Choose which ones in the settings
          </Link>
        </p>
      )}
    </EmptyState>
  );
}

const None = () => <p className="px-3.5 py-3 text-muted text-sm">Nothing has been asked yet.</p>;
