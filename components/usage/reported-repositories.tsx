"use client";

import { useQuery } from "@tanstack/react-query";
import { QueryView } from "@/components/feedback/query-view";
import { type Column, DataTable } from "@/components/ui/data-table";
import { Panel } from "@/components/ui/panel";
import { RelativeTime } from "@/components/ui/relative-time";
import type { ReportedRepository } from "@/lib/engine/usage/schemas";
import { formatBytes } from "@/lib/format";
import { reportedRepositoriesQuery } from "./queries";

const COLUMNS: readonly Column<ReportedRepository>[] = [
  { id: "name", header: "Repository", cell: (repository) => <span className="font-medium">{repository.name}</span> },
  { id: "used", header: "Used", align: "right", cell: (repository) => formatBytes(repository.bytesUsed) },
  { id: "free", header: "Free", align: "right", cell: (repository) => formatBytes(repository.bytesFree) },
  { id: "at", header: "As of", cell: (repository) => <RelativeTime at={repository.at} /> },
];

/** A source's own storage, as it said last. */
export function ReportedRepositoriesPanel({ pairingId }: { pairingId: string }) {
  const query = useQuery(reportedRepositoriesQuery(pairingId));
  return (
    <Panel flush title="Its repositories" note="as the source says">
      <QueryView query={query} what="the source's repositories">
        {({ repositories }) =>
          repositories.length === 0 ? (
            <p className="px-3.5 py-3 text-muted text-sm">The source tells of them at the end of a replication.</p>
          ) : (
            <DataTable
              label="Repositories of the source"
              rows={repositories}
              columns={COLUMNS}
              rowKey={(repository) => repository.repositoryId}
            />
          )
        }
      </QueryView>
    </Panel>
  );
}
