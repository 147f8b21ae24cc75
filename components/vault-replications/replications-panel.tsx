"use client";

import { ChevronDown, Copy } from "lucide-react";
import { useState } from "react";
import { Pager } from "@/components/feedback/pager";
import { QueryError } from "@/components/feedback/query-error";
import { usePaged } from "@/components/feedback/use-paged";
import { May } from "@/components/shell/may";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { cn } from "@/components/ui/cn";
import { EmptyState } from "@/components/ui/empty-state";
import { Panel } from "@/components/ui/panel";
import { LinkProgress } from "@/components/ui/progress";
import { RelativeTime } from "@/components/ui/relative-time";
import { SkeletonRows } from "@/components/ui/skeleton";
import { RecordState, type VaultReplication } from "@/lib/engine/vault-replications/schemas";
import { formatNumberOf } from "@/lib/format";
import { vaultReplicationsQuery } from "./queries";
import { RecordTable } from "./record-table";
import { ReplicateVault } from "./replicate-vault";
import { RECORD_WORDS } from "./words";

/** On a repository's page: what was sent of it as a whole, and the way to do so. */
export function ReplicationsPanel({ repositoryId, name }: { repositoryId: string; name: string }) {
  const [asking, setAsking] = useState(false);
  const { query, rows, total } = usePaged(vaultReplicationsQuery(repositoryId));
  const ask = (
    <May call="replicateVault">
      <Button size="sm" onClick={() => setAsking(true)}>
        <Copy aria-hidden />
        Replicate everything to another core…
      </Button>
    </May>
  );
  return (
    <Panel flush title="Replications of the whole" actions={ask}>
      {query.error && <QueryError error={query.error} what="the replications" onRetry={() => void query.refetch()} />}
      {query.isPending && <SkeletonRows rows={1} label="the replications" />}
      {query.data && rows.length === 0 && (
        <EmptyState icon={Copy} title="Never replicated as a whole">
          New recovery points follow their sessions by themselves. This sends all that is here already, image by image.
        </EmptyState>
      )}
      <ul>
        {rows.map((replication) => (
          <Replication key={replication.id} replication={replication} />
        ))}
      </ul>
      <Pager
        shown={rows.length}
        total={total}
        hasMore={query.hasNextPage}
        pending={query.isFetchingNextPage}
        onMore={() => void query.fetchNextPage()}
      />
      {asking && <ReplicateVault repositoryId={repositoryId} name={name} onClose={() => setAsking(false)} />}
    </Panel>
  );
}

function Replication({ replication }: { replication: VaultReplication }) {
  const [open, setOpen] = useState(false);
  const { records, destinationCore, destinationRepository: there } = replication;
  const goal = `${there.name ?? "a repository"} on ${destinationCore.name}`;
  return (
    <li className="border-b last:border-b-0">
      <div className="grid gap-2 px-3.5 py-3">
        <div className="flex flex-wrap items-center gap-x-3 gap-y-1.5">
          <span className="min-w-0 flex-1 basis-44">
            <span className="block truncate font-medium text-sm">{`to ${goal}`}</span>
            <span className="block text-muted text-xs">
              {`${formatNumberOf(records.total, "image")}, begun `}
              <RelativeTime at={replication.createdAt} />
              {replication.endedAt && (
                <>
                  , ended <RelativeTime at={replication.endedAt} />
                </>
              )}
            </span>
          </span>
          <Button size="sm" tone="ghost" aria-expanded={open} onClick={() => setOpen(!open)}>
            <ChevronDown className={cn("transition-transform", open && "rotate-180")} aria-hidden />
            Images
          </Button>
        </div>
        {!replication.endedAt && (
          <LinkProgress
            share={replication.progressPercent / 100}
            label={`Replication to ${goal}`}
            valueText={`${replication.progressPercent} %`}
            state={records.replicating > 0 ? "moving" : "held"}
          />
        )}
        <p className="flex flex-wrap gap-1.5">
          {RecordState.options
            .filter((state) => records[state] > 0)
            .map((state) => (
              <Badge key={state} tone={RECORD_WORDS[state].tone} icon={RECORD_WORDS[state].icon}>
                {`${records[state]} ${RECORD_WORDS[state].label.toLowerCase()}`}
              </Badge>
            ))}
        </p>
      </div>
      {open && <RecordTable vaultReplicationId={replication.id} />}
    </li>
  );
}
