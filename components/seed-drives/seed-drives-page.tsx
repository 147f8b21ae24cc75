"use client";

import { HardDrive, HardDriveDownload, Plus } from "lucide-react";
import { useState } from "react";
import { Pager } from "@/components/feedback/pager";
import { QueryError } from "@/components/feedback/query-error";
import { usePaged } from "@/components/feedback/use-paged";
import { useMay } from "@/components/shell/me";
import { Button } from "@/components/ui/button";
import { EmptyState } from "@/components/ui/empty-state";
import { PageHeader } from "@/components/ui/page-header";
import { Panel } from "@/components/ui/panel";
import { SkeletonRows } from "@/components/ui/skeleton";
import { adminContract } from "@/lib/admin/contract";
import { ConsumeDrive } from "./consume-drive";
import { CreateDrive } from "./create-drive";
import { DriveItem } from "./drive-item";
import { FourSteps } from "./four-steps";
import { seedDrivesQuery } from "./queries";

/** Seed drives that were written or consumed here, and the ways to make and to consume one. */
export function SeedDrivesPage() {
  const may = useMay();
  const [open, setOpen] = useState<"create" | "consume" | null>(null);
  const buttons = (
    <div className="flex flex-wrap gap-2">
      {may(adminContract.consumeSeedDrive) && (
        <Button onClick={() => setOpen("consume")}>
          <HardDriveDownload aria-hidden />
          Consume a drive
        </Button>
      )}
      {may(adminContract.createSeedDrive) && (
        <Button tone="primary" onClick={() => setOpen("create")}>
          <Plus aria-hidden />
          New seed drive
        </Button>
      )}
    </div>
  );
  return (
    <>
      <PageHeader
        title="Seed drives"
        description="Carry the first recovery points past a thin line. Replication sends only what the drive lacked."
        actions={buttons}
      />
      <Panel flush title="All seed drives">
        <DriveList />
      </Panel>
      {open === "create" && <CreateDrive onClose={() => setOpen(null)} />}
      {open === "consume" && <ConsumeDrive onClose={() => setOpen(null)} />}
    </>
  );
}

function DriveList() {
  const { query, rows, total } = usePaged(seedDrivesQuery());
  return (
    <>
      {query.error && <QueryError error={query.error} what="the seed drives" onRetry={() => void query.refetch()} />}
      {query.isPending && <SkeletonRows label="the seed drives" />}
      {query.data && rows.length === 0 && (
        <EmptyState icon={HardDrive} title="No seed drive yet">
          When the first replication would take weeks over the line, carry it in a box instead.
          <div className="@container">
            <FourSteps />
          </div>
        </EmptyState>
      )}
      <ul>
        {rows.map((drive) => (
          <DriveItem key={drive.id} drive={drive} />
        ))}
      </ul>
      <Pager
        shown={rows.length}
        total={total}
        hasMore={query.hasNextPage}
        pending={query.isFetchingNextPage}
        onMore={() => void query.fetchNextPage()}
      />
    </>
  );
}
