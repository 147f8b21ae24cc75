"use client";

import { Download, FileStack, Trash2 } from "lucide-react";
import { useState } from "react";
import { PagedTable } from "@/components/feedback/paged-table";
import { useAction } from "@/components/feedback/use-action";
import { useMay } from "@/components/shell/me";
import { Button, IconButton } from "@/components/ui/button";
import { Confirm } from "@/components/ui/confirm";
import { CopyButton } from "@/components/ui/copy";
import type { Column } from "@/components/ui/data-table";
import { EmptyState } from "@/components/ui/empty-state";
import { RelativeTime } from "@/components/ui/relative-time";
import { API_PREFIX, callAdmin } from "@/lib/admin/call";
import { adminContract } from "@/lib/admin/contract";
import type { CoreFileReport } from "@/lib/engine/core-files/schemas";
import { formatBytes } from "@/lib/format";
import { coreFilesQuery } from "./queries";
import { versionLabel } from "./words";

const COLUMNS: readonly Column<CoreFileReport>[] = [
  { id: "name", header: "File", cell: (file) => <span className="wrap-anywhere font-medium">{file.fileName}</span> },
  {
    id: "version",
    header: "For",
    cell: (file) => <span className="whitespace-nowrap">{versionLabel(file.version)}</span>,
  },
  { id: "size", header: "Size", align: "right", cell: (file) => formatBytes(file.sizeBytes) },
  { id: "sender", header: "From", cell: (file) => file.sender?.name ?? "a core that is gone" },
  { id: "at", header: "Arrived", cell: (file) => <RelativeTime at={file.createdAt} /> },
  {
    id: "digest",
    header: "SHA-256",
    cell: (file) => (
      <span className="inline-flex items-center gap-1">
        <code className="font-mono text-xs" title={file.sha256}>{`${file.sha256.slice(0, 12)}…`}</code>
        <CopyButton text={file.sha256} label={`Copy the SHA-256 of ${file.fileName}`} className="-my-1 size-7" />
      </span>
    ),
  },
];

/** Files that sources sent and this core keeps. */
export function KeptFiles() {
  const may = useMay();
  const [removing, setRemoving] = useState<CoreFileReport | null>(null);
  const actions: Column<CoreFileReport> = {
    id: "actions",
    header: "Actions",
    align: "right",
    plain: true,
    cell: (file) => <Actions file={file} onRemove={() => setRemoving(file)} />,
  };
  return (
    <>
      <PagedTable
        options={coreFilesQuery()}
        what="the files"
        label="Application files on this core"
        columns={may(adminContract.deleteCoreFile) ? [...COLUMNS, actions] : COLUMNS}
        rowKey={(file) => file.id}
        empty={
          <EmptyState icon={FileStack} title="No file on this core">
            Sources send libraries of their applications here, so that this core can check what it keeps for them.
          </EmptyState>
        }
      />
      {removing && <Remove file={removing} onClose={() => setRemoving(null)} />}
    </>
  );
}

function Actions({ file, onRemove }: { file: CoreFileReport; onRemove: () => void }) {
  return (
    <span className="inline-flex gap-1">
      <Button asChild size="icon" tone="ghost">
        <a
          href={`${API_PREFIX}/core-files/${file.id}/content`}
          download
          aria-label={`Download ${file.fileName}`}
          title="Download"
        >
          <Download aria-hidden />
        </a>
      </Button>
      <IconButton label={`Remove ${file.fileName}`} onClick={onRemove}>
        <Trash2 aria-hidden />
      </IconButton>
    </span>
  );
}

function Remove({ file, onClose }: { file: CoreFileReport; onClose: () => void }) {
  const remove = useAction({
    run: () => callAdmin(adminContract.deleteCoreFile, { id: file.id }),
    touches: [["core-files"]],
    done: () => `${file.fileName} is removed`,
    onDone: onClose,
  });
  return (
    <Confirm
      open
      onOpenChange={(open) => !open && onClose()}
      title={`Remove ${file.fileName}`}
      action="Remove"
      pending={remove.isPending}
      onConfirm={() => remove.mutate(undefined)}
    >
      <p>
        {`The file for ${versionLabel(file.version)} goes from this core for good. Recovery points are not touched; ${file.sender?.name ?? "its source"} can send it again.`}
      </p>
    </Confirm>
  );
}
