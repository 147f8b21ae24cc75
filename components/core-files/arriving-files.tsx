"use client";

import { X } from "lucide-react";
import { useAction } from "@/components/feedback/use-action";
import { usePaged } from "@/components/feedback/use-paged";
import { useMay } from "@/components/shell/me";
import { IconButton } from "@/components/ui/button";
import { LinkProgress } from "@/components/ui/progress";
import { callAdmin } from "@/lib/admin/call";
import { adminContract } from "@/lib/admin/contract";
import type { UploadReport } from "@/lib/engine/uploads/schemas";
import { formatBytes, shareOf } from "@/lib/format";
import { uploadsQuery } from "./queries";
import { versionLabel } from "./words";

/** Files that sources are sending just now; nothing when there are none. */
export function ArrivingFiles() {
  const { rows } = usePaged(uploadsQuery());
  if (rows.length === 0) return null;
  return (
    <ul aria-label="Files that are arriving">
      {rows.map((upload) => (
        <Arriving key={upload.id} upload={upload} />
      ))}
    </ul>
  );
}

function Arriving({ upload }: { upload: UploadReport }) {
  const may = useMay();
  const cancel = useAction({
    run: () => callAdmin(adminContract.cancelUpload, { id: upload.id }),
    touches: [["core-files"]],
    done: () => `${upload.fileName} is not taken`,
  });
  const figures = `${formatBytes(upload.receivedBytes)} of ${formatBytes(upload.sizeBytes)}`;
  return (
    <li className="flex min-w-0 items-center gap-3 border-b px-3.5 py-2.5 text-sm">
      <div className="grid min-w-0 flex-1 gap-1">
        <p className="min-w-0 break-words">
          <span className="font-medium">{upload.fileName}</span>
          <span className="text-muted">{` arrives from ${upload.sender.name}, for ${versionLabel(upload.version)}`}</span>
        </p>
        <LinkProgress
          share={shareOf(upload.receivedBytes, upload.sizeBytes)}
          label={`Arrival of ${upload.fileName}`}
          valueText={figures}
        />
        <p data-figures className="text-muted text-xs">
          {figures}
        </p>
      </div>
      {may(adminContract.cancelUpload) && (
        <IconButton
          label={`Stop ${upload.fileName}`}
          pending={cancel.isPending}
          onClick={() => cancel.mutate(undefined)}
        >
          <X aria-hidden />
        </IconButton>
      )}
    </li>
  );
}
