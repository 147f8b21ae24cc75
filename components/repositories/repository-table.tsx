"use client";

import { Database, Plus } from "lucide-react";
import { useState } from "react";
import { PagedTable } from "@/components/feedback/paged-table";
import { useMay } from "@/components/shell/me";
import { Button } from "@/components/ui/button";
import type { Column } from "@/components/ui/data-table";
import { EmptyState } from "@/components/ui/empty-state";
import { PageHeader } from "@/components/ui/page-header";
import { Panel } from "@/components/ui/panel";
import { RelativeTime } from "@/components/ui/relative-time";
import { adminContract } from "@/lib/admin/contract";
import type { RepositorySummary } from "@/lib/engine/repositories/schemas";
import { formatBytes, formatCount } from "@/lib/format";
import { CreateRepository } from "./create-repository";
import { FillMeter, formatFactor } from "./fill";
import { repositoriesQuery } from "./queries";
import { SyncBadges } from "./sync-badges";

const COLUMNS: readonly Column<RepositorySummary>[] = [
  {
    id: "name",
    header: "Repository",
    cell: (repository) => (
      <span className="flex min-w-0 flex-wrap items-center gap-1.5">
        {repository.name}
        <SyncBadges repository={repository} />
      </span>
    ),
  },
  {
    id: "fill",
    wide: true,
    header: "Disk",
    className: "min-[720px]:w-[22%]",
    cell: (repository) => <FillMeter disk={repository} />,
  },
  { id: "stored", header: "Stored", align: "right", cell: (repository) => formatBytes(repository.storedBytes) },
  { id: "logical", header: "Before dedup", align: "right", cell: (repository) => formatBytes(repository.logicalBytes) },
  { id: "factor", header: "Saving", align: "right", cell: (repository) => formatFactor(repository.dedupFactor) },
  { id: "points", header: "Points", align: "right", cell: (repository) => formatCount(repository.recoveryPoints) },
  { id: "agents", header: "Agents", align: "right", cell: (repository) => formatCount(repository.agents) },
  {
    id: "synced",
    header: "Last sync",
    cell: (repository) =>
      repository.syncedAt ? <RelativeTime at={repository.syncedAt} /> : <span className="text-muted">never</span>,
  },
];

export function RepositoriesPage() {
  const may = useMay();
  const [creating, setCreating] = useState(false);
  const button = may(adminContract.createRepository) && (
    <Button tone="primary" onClick={() => setCreating(true)}>
      <Plus aria-hidden />
      New repository
    </Button>
  );
  return (
    <>
      <PageHeader title="Repositories" description="Where packs and manifests lie on this core." actions={button} />
      <Panel flush title="All repositories">
        <PagedTable
          options={repositoriesQuery()}
          what="the repositories"
          label="Repositories"
          columns={COLUMNS}
          rowKey={(repository) => repository.id}
          href={(repository) => `/repositories/${repository.id}`}
          empty={
            <EmptyState icon={Database} title="No repository yet" action={button}>
              A repository is a folder of this machine that holds what is captured and what is replicated here. From its
              files alone a fresh core can rebuild everything.
            </EmptyState>
          }
        />
      </Panel>
      {creating && <CreateRepository onClose={() => setCreating(false)} />}
    </>
  );
}
