"use client";

import { CircleX } from "lucide-react";
import { useAction } from "@/components/feedback/use-action";
import { useMay } from "@/components/shell/me";
import { Badge } from "@/components/ui/badge";
import { IconButton } from "@/components/ui/button";
import { LinkProgress } from "@/components/ui/progress";
import { Elapsed, RelativeTime } from "@/components/ui/relative-time";
import { callAdmin } from "@/lib/admin/call";
import { adminContract } from "@/lib/admin/contract";
import type { TaskReport } from "@/lib/engine/tasks/schemas";
import { formatBytes, formatNumberOf, formatPercent, formatRate, shareOf } from "@/lib/format";
import { isActive, KIND_WORDS, TASK_WORDS, titleOf } from "./words";

/** A capture or a restore in one line: what, how far, and how it ended. */
export function TaskLine({ task, named }: { task: TaskReport; named?: boolean }) {
  const word = TASK_WORDS[task.state];
  return (
    <li className="grid grid-cols-[minmax(0,1fr)_auto] items-center gap-x-3 gap-y-1.5 border-b px-3.5 py-2.5 last:border-b-0 @xl:grid-cols-[minmax(0,12rem)_minmax(0,1fr)_auto]">
      <span className="min-w-0">
        <span className="block truncate font-medium text-sm">{named ? titleOf(task) : KIND_WORDS[task.kind]}</span>
        <span className="mt-0.5 flex flex-wrap items-center gap-2 text-muted text-xs">
          <Badge tone={word.tone} icon={word.icon}>
            {word.label}
          </Badge>
          <RelativeTime at={task.startedAt ?? task.createdAt} />
        </span>
      </span>
      <span className="min-w-0 @max-xl:order-3 @max-xl:col-span-2">
        <TaskState task={task} />
      </span>
      {isActive(task) && <CancelTask task={task} />}
    </li>
  );
}

function TaskState({ task }: { task: TaskReport }) {
  if (task.failure) return <span className="text-danger text-xs">{task.failure.message}</span>;
  const share = task.bytesTotal ? shareOf(task.bytesDone, task.bytesTotal) : null;
  const words = [
    task.bytesTotal ? `${formatBytes(task.bytesDone)} of ${formatBytes(task.bytesTotal)}` : formatBytes(task.bytesDone),
    task.filesDone > 0 && formatNumberOf(task.filesDone, "file"),
    task.state === "running" && task.rateBytesPerSecond > 0 && formatRate(task.rateBytesPerSecond),
    task.savedBytes > 0 && `${formatBytes(task.savedBytes)} saved`,
  ].filter(Boolean);
  return (
    <span className="grid gap-1">
      {isActive(task) && (
        <LinkProgress
          share={share}
          label={titleOf(task)}
          valueText={share === null ? String(words[0]) : `${formatPercent(share)}, ${words[0]}`}
        />
      )}
      <span data-figures className="flex flex-wrap gap-x-2 text-muted text-xs">
        {words.map((word) => (
          <span key={String(word)} className="whitespace-nowrap">
            {word}
          </span>
        ))}
        {task.startedAt && task.endedAt && (
          <span>
            in <Elapsed since={task.startedAt} until={task.endedAt} />
          </span>
        )}
      </span>
    </span>
  );
}

function CancelTask({ task }: { task: TaskReport }) {
  const may = useMay();
  const cancel = useAction({
    run: () => callAdmin(adminContract.cancelTask, { id: task.id }),
    touches: [["tasks"], ["overview"]],
    done: () => `${titleOf(task)} is being cancelled`,
  });
  if (!may(adminContract.cancelTask)) return null;
  return (
    <IconButton label={`Cancel: ${titleOf(task)}`} pending={cancel.isPending} onClick={() => cancel.mutate(undefined)}>
      {!cancel.isPending && <CircleX aria-hidden />}
    </IconButton>
  );
}
