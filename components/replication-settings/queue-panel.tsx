"use client";

import { useQuery } from "@tanstack/react-query";
import { CircleCheck, Play } from "lucide-react";
import Link from "next/link";
import { PagedTable } from "@/components/feedback/paged-table";
import { useAction } from "@/components/feedback/use-action";
import { May } from "@/components/shell/may";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import type { Column } from "@/components/ui/data-table";
import { EmptyState } from "@/components/ui/empty-state";
import { Panel } from "@/components/ui/panel";
import { RelativeTime } from "@/components/ui/relative-time";
import { callAdmin } from "@/lib/admin/call";
import { adminContract } from "@/lib/admin/contract";
import type { WaitingEntry } from "@/lib/engine/replication-queue/schemas";
import { formatBytes, formatCount } from "@/lib/format";
import { activeQuery, queueQuery } from "./queries";
import { STATUS_WORDS } from "./words";

/** What is being sent, and what waits for it in the order in which it will go. */
export function QueuePanel() {
  const active = useQuery(activeQuery());
  const restart = useAction({
    run: () => callAdmin(adminContract.restartReplication, {}),
    touches: [["sessions"]],
    done: ({ sessions }) => `${formatCount(sessions)} sessions run now, or as soon as a place is free`,
  });
  return (
    <Panel
      flush
      title="Queue"
      note={active.data && `${formatCount(active.data.items.length)} running`}
      actions={
        <May call="restartReplication">
          <Button size="sm" pending={restart.isPending} onClick={() => restart.mutate(undefined)}>
            <Play aria-hidden />
            Run all now
          </Button>
        </May>
      }
    >
      {active.data && active.data.items.length > 0 && (
        <ul className="border-b">
          {active.data.items.map((entry) => (
            <li key={entry.run.id} className="flex flex-wrap items-baseline gap-x-3 px-3.5 py-2 text-sm">
              <Link href={`/sessions/${entry.sessionId}`} className="font-medium text-petrol hover:underline">
                {entry.agent.name}
              </Link>
              <span className="text-muted">{`to ${entry.peer.name}`}</span>
              <span className="ml-auto text-muted text-xs">
                {`${formatBytes(entry.run.bytesDone)} of ${formatBytes(entry.run.bytesTotal)}`}
              </span>
            </li>
          ))}
        </ul>
      )}
      <PagedTable
        options={queueQuery()}
        what="the queue"
        label="Recovery points that wait to be sent"
        columns={COLUMNS}
        rowKey={(entry) => `${entry.sessionId}/${entry.recoveryPointId}`}
        href={(entry) => `/sessions/${entry.sessionId}`}
        empty={
          <EmptyState icon={CircleCheck} title="Nothing waits">
            Every target has what this core has for it.
          </EmptyState>
        }
      />
    </Panel>
  );
}

const COLUMNS: readonly Column<WaitingEntry>[] = [
  { id: "agent", header: "Agent", cell: (entry) => <span className="font-medium">{entry.agent.name}</span> },
  { id: "position", header: "Place", align: "right", cell: (entry) => formatCount(entry.position) },
  { id: "peer", header: "Target", cell: (entry) => entry.peer.name },
  { id: "made", header: "Captured", cell: (entry) => (entry.createdAt ? <RelativeTime at={entry.createdAt} /> : "–") },
  { id: "size", header: "Size", align: "right", cell: (entry) => formatBytes(entry.sizeBytes) },
  {
    id: "status",
    header: "State",
    cell: (entry) => <Badge tone={STATUS_WORDS[entry.status].tone}>{STATUS_WORDS[entry.status].label}</Badge>,
  },
];
