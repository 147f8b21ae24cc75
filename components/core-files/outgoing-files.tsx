"use client";

import { X } from "lucide-react";
import { Pager } from "@/components/feedback/pager";
import { useAction } from "@/components/feedback/use-action";
import { usePaged } from "@/components/feedback/use-paged";
import { useMay } from "@/components/shell/me";
import { Badge } from "@/components/ui/badge";
import { IconButton } from "@/components/ui/button";
import { LinkProgress } from "@/components/ui/progress";
import { RelativeTime } from "@/components/ui/relative-time";
import { callAdmin } from "@/lib/admin/call";
import { adminContract } from "@/lib/admin/contract";
import type { OutgoingFileReport } from "@/lib/engine/outgoing-files/schemas";
import { formatBytes, shareOf } from "@/lib/format";
import { outgoingFilesQuery } from "./queries";
import { isOver, LINE_STATES, STATE_WORDS, versionLabel } from "./words";

/** Files on their way from here to targets, and those of the last month; nothing when there are none. */
export function OutgoingFiles() {
  const { query, rows, total } = usePaged(outgoingFilesQuery());
  if (rows.length === 0) return null;
  return (
    <section aria-labelledby="outgoing-files" className="border-t">
      <h3 id="outgoing-files" className="border-b px-3.5 py-2 font-semibold text-muted text-xs">
        Sent to targets
      </h3>
      <ul>
        {rows.map((file) => (
          <Outgoing key={file.id} file={file} />
        ))}
      </ul>
      <Pager
        shown={rows.length}
        total={total}
        hasMore={query.hasNextPage}
        pending={query.isFetchingNextPage}
        onMore={() => void query.fetchNextPage()}
      />
    </section>
  );
}

function Outgoing({ file }: { file: OutgoingFileReport }) {
  const may = useMay();
  const cancel = useAction({
    run: () => callAdmin(adminContract.cancelOutgoingFile, { id: file.id }),
    touches: [["core-files"]],
    done: () => `${file.fileName} is not sent`,
  });
  const word = STATE_WORDS[file.state];
  const figures =
    file.state === "sent"
      ? formatBytes(file.sizeBytes)
      : `${formatBytes(file.sentBytes)} of ${formatBytes(file.sizeBytes)}`;
  const share = file.state === "receiving" ? null : file.state === "sent" ? 1 : shareOf(file.sentBytes, file.sizeBytes);
  return (
    <li className="flex min-w-0 items-center gap-3 border-b px-3.5 py-2.5 text-sm last:border-b-0">
      <div className="grid min-w-0 flex-1 gap-1">
        <p className="min-w-0 break-words">
          <span className="wrap-anywhere font-medium">{file.fileName}</span>
          <span className="text-muted">{` to ${file.target.name}, for ${versionLabel(file.version)}`}</span>
        </p>
        {!isOver(file) && (
          <LinkProgress
            share={share}
            label={`Sending of ${file.fileName}`}
            valueText={`${figures}, ${word.label}`}
            state={LINE_STATES[file.state]}
          />
        )}
        <p data-figures className="flex flex-wrap items-center gap-x-2 gap-y-1 text-muted text-xs">
          <Badge tone={word.tone} icon={word.icon}>
            {word.label}
          </Badge>
          <span>{figures}</span>
          <RelativeTime at={file.endedAt ?? file.createdAt} />
        </p>
        {file.failure && <p className="break-words text-danger text-xs">{file.failure.message}</p>}
      </div>
      {!isOver(file) && may(adminContract.cancelOutgoingFile) && (
        <IconButton
          label={`Stop sending ${file.fileName}`}
          pending={cancel.isPending}
          onClick={() => cancel.mutate(undefined)}
        >
          <X aria-hidden />
        </IconButton>
      )}
    </li>
  );
}
