"use client";

import { useQuery } from "@tanstack/react-query";
import { RefreshCw, Square } from "lucide-react";
import { useState } from "react";
import { QueryView } from "@/components/feedback/query-view";
import { useAction } from "@/components/feedback/use-action";
import { useMay } from "@/components/shell/me";
import { Button } from "@/components/ui/button";
import { EmptyState } from "@/components/ui/empty-state";
import { Checkbox } from "@/components/ui/field";
import { Notice } from "@/components/ui/notice";
import { Panel } from "@/components/ui/panel";
import { callAdmin } from "@/lib/admin/call";
import { adminContract } from "@/lib/admin/contract";
import type { RepositoryDetail } from "@/lib/engine/repositories/schemas";
import type { SyncSessionSummary } from "@/lib/engine/sync-sessions/schemas";
import { isSyncing, syncSessionsQuery } from "./queries";
import { SyncLine } from "./sync-line";

const TOUCHED = [["sync-sessions"], ["repositories"], ["overview"]];

/** A repository and its storage: start and stop a sync, watch it, see what earlier ones found. */
export function SyncPanel({ repository }: { repository: RepositoryDetail }) {
  const query = useQuery(syncSessionsQuery(repository.id));
  const [running] = query.data?.items.filter(isSyncing) ?? [];
  const newest = query.data?.items[0];
  return (
    <Panel
      flush
      title="Sync with storage"
      actions={running ? <StopSync session={running} /> : <StartSync repository={repository} newest={newest} />}
    >
      {repository.isOutOfSync && !running && (
        <Notice kind="warn" title="The catalog and the folder differ" className="m-3.5 mb-0">
          The folder holds what is not listed, or lacks what is. A sync finds out and lists it.
        </Notice>
      )}
      <QueryView query={query} what="the sync sessions">
        {({ items }) =>
          items.length === 0 ? (
            <EmptyState icon={RefreshCw} title="Never synced">
              A sync compares every file of the folder with the catalog: it takes over what the catalog lacks, marks
              what is missing or damaged, and finds again what came back.
            </EmptyState>
          ) : (
            <ul>
              {items.map((session, at) => (
                <SyncLine key={session.id} session={session} open={at === 0} />
              ))}
            </ul>
          )
        }
      </QueryView>
    </Panel>
  );
}

function StartSync({ repository, newest }: { repository: RepositoryDetail; newest: SyncSessionSummary | undefined }) {
  const may = useMay();
  const [verifyRecords, setVerify] = useState(false);
  const start = useAction({
    run: () => callAdmin(adminContract.startSync, { repositoryId: repository.id, verifyRecords }),
    touches: TOUCHED,
    done: () => `${repository.name} is being synced`,
  });
  if (!may(adminContract.startSync)) return null;
  const hasStopped = newest?.state === "stopped" || newest?.state === "failed";
  const goesOn = hasStopped && newest.verifyRecords === verifyRecords;
  return (
    <>
      <Checkbox
        label="Verify every record"
        title="Reads all packs and compares each record with its digest; slower"
        checked={verifyRecords}
        onChange={(event) => setVerify(event.target.checked)}
      />
      <Button
        tone={repository.isOutOfSync ? "primary" : "secondary"}
        pending={start.isPending}
        onClick={() => start.mutate(undefined)}
      >
        <RefreshCw aria-hidden />
        {goesOn ? "Go on" : "Sync"}
      </Button>
    </>
  );
}

function StopSync({ session }: { session: SyncSessionSummary }) {
  const may = useMay();
  const stop = useAction({
    run: () => callAdmin(adminContract.stopSync, { id: session.id }),
    touches: TOUCHED,
    done: () => "The sync stops; the next one goes on where it is",
  });
  if (!may(adminContract.stopSync)) return null;
  return (
    <Button pending={stop.isPending || session.isStopping} onClick={() => stop.mutate(undefined)}>
      <Square aria-hidden />
      Stop
    </Button>
  );
}
