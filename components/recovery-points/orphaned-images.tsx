"use client";

import { useState } from "react";
import { Pager } from "@/components/feedback/pager";
import { QueryError } from "@/components/feedback/query-error";
import { useAction } from "@/components/feedback/use-action";
import { pagedOptions, usePaged } from "@/components/feedback/use-paged";
import { useMay } from "@/components/shell/me";
import { Button } from "@/components/ui/button";
import { Confirm } from "@/components/ui/confirm";
import { type Column, DataTable } from "@/components/ui/data-table";
import { Panel } from "@/components/ui/panel";
import { RelativeTime } from "@/components/ui/relative-time";
import { callAdmin } from "@/lib/admin/call";
import { adminContract } from "@/lib/admin/contract";
import type { OrphanedImage } from "@/lib/engine/orphaned-images/schemas";
import { formatAbsolute, formatBytes, formatCount } from "@/lib/format";

const KEY = ["agents", "orphaned-images"] as const;
const TOUCHES = [KEY, ["agents"], ["recovery-points"], ["repositories"]] as const;

const orphanedImagesQuery = (agentId: string) =>
  pagedOptions<OrphanedImage>([...KEY, agentId], (cursor, signal) =>
    callAdmin(adminContract.listOrphanedImages, { agentId, cursor, limit: 25 }, signal),
  );

/** Images that are complete here although their recovery point is not, and what may be done with them. Nothing when there are none. */
export function OrphanedImages({ agentId }: { agentId: string }) {
  const { query, rows, total } = usePaged(orphanedImagesQuery(agentId));
  const may = useMay();
  if (query.error)
    return <QueryError error={query.error} what="the orphaned images" onRetry={() => void query.refetch()} />;
  if (rows.length === 0) return null;
  const columns = may(adminContract.adoptOrphanedImages) ? [...COLUMNS, ACTIONS] : COLUMNS;
  return (
    <Panel flush title="Orphaned images" note={`${formatCount(total)} complete here, their recovery points are not`}>
      <p className="border-b px-3.5 py-2.5 text-muted text-sm">
        A later run that brings what is missing takes them into their recovery point by itself. If none will come, make
        a recovery point of what is here, or remove it.
      </p>
      <DataTable label="Orphaned images" rows={rows} columns={columns} rowKey={(image) => image.id} />
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

const COLUMNS: readonly Column<OrphanedImage>[] = [
  { id: "volume", header: "Volume", cell: (image) => <span className="break-words">{image.volumeName}</span> },
  {
    id: "moment",
    header: "Shows the moment",
    cell: (image) => <span suppressHydrationWarning>{formatAbsolute(new Date(image.createdAt))}</span>,
  },
  { id: "size", header: "Size", align: "right", cell: (image) => formatBytes(image.sizeBytes) },
  { id: "why", header: "Why", wide: true, className: "min-w-48", cell: (image) => <Why image={image} /> },
  { id: "found", header: "Found", cell: (image) => <RelativeTime at={image.foundAt} /> },
];

const ACTIONS: Column<OrphanedImage> = {
  id: "actions",
  header: "Actions",
  align: "right",
  cell: (image) => <Actions image={image} />,
};

function Why({ image }: { image: OrphanedImage }) {
  const text =
    image.reason === "point-gone"
      ? "Its recovery point was deleted, and it was left behind."
      : image.missingVolumes.length > 0
        ? `Not here: ${image.missingVolumes.join(", ")}.`
        : "Its recovery point was never completed.";
  return <span className="break-words text-muted text-xs">{text}</span>;
}

function Actions({ image }: { image: OrphanedImage }) {
  const [removing, setRemoving] = useState(false);
  const adopt = useAction({
    run: () => callAdmin(adminContract.adoptOrphanedImages, { id: image.id }),
    touches: TOUCHES,
    done: (point) =>
      point.missingVolumes.length > 0
        ? `A recovery point was made; not in it: ${point.missingVolumes.join(", ")}`
        : "The recovery point is complete",
  });
  const remove = useAction({
    run: () => callAdmin(adminContract.removeOrphanedImage, { id: image.id }),
    touches: TOUCHES,
    done: () => `The image of ${image.volumeName} was removed`,
    onDone: () => setRemoving(false),
    onWaiting: () => setRemoving(false),
  });
  return (
    <span className="flex flex-wrap justify-end gap-2">
      <Button size="sm" pending={adopt.isPending} onClick={() => adopt.mutate(undefined)}>
        Make a recovery point
      </Button>
      <Button size="sm" tone="danger-quiet" onClick={() => setRemoving(true)}>
        Remove
      </Button>
      <Confirm
        open={removing}
        onOpenChange={setRemoving}
        title={`Remove the image of ${image.volumeName}?`}
        action="Remove image"
        pending={remove.isPending}
        onConfirm={() => remove.mutate(undefined)}
      >
        <p>
          It cannot be restored from this core afterwards. Recovery points are not touched, nor is anything on the
          source.
        </p>
      </Confirm>
    </span>
  );
}
