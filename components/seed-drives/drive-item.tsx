"use client";

import { ArrowRight, Lock } from "lucide-react";
import { Badge } from "@/components/ui/badge";
import { Notice } from "@/components/ui/notice";
import { LinkProgress } from "@/components/ui/progress";
import { RelativeTime } from "@/components/ui/relative-time";
import type { SeedDriveSummary } from "@/lib/engine/seed-drives/schemas";
import { formatBytes, formatCount, formatNumberOf, formatPercent, formatRate, shareOf } from "@/lib/format";
import { DriveActions } from "./drive-actions";
import { nextStep, wordOf } from "./words";

/** One seed drive: what it carries, how far it is, and what comes next. */
export function DriveItem({ drive }: { drive: SeedDriveSummary }) {
  const word = wordOf(drive);
  const next = nextStep(drive);
  return (
    <li className="grid gap-2.5 border-b px-3.5 py-3 last:border-b-0">
      <div className="flex flex-wrap items-start gap-x-4 gap-y-2">
        <div className="min-w-0 flex-1 basis-64">
          <p className="flex flex-wrap items-center gap-x-2 gap-y-1">
            <span className="min-w-0 break-words font-medium text-sm">{drive.name}</span>
            <Badge tone={word.tone} icon={word.icon}>
              {word.label}
            </Badge>
            {drive.isEncrypted && <Badge icon={Lock}>Encrypted</Badge>}
          </p>
          <p className="mt-1 flex flex-wrap items-center gap-x-1.5 text-muted text-xs">
            <Way drive={drive} />
            <span>·</span>
            <RelativeTime at={drive.createdAt} />
          </p>
        </div>
        <DriveActions drive={drive} />
      </div>
      {drive.task && <TaskProgress name={drive.name} task={drive.task} />}
      <Figures drive={drive} />
      {drive.failure && (
        <Notice kind={drive.state === "exporting" ? "danger" : "warn"} title={failureTitle(drive)}>
          {drive.failure.message}
        </Notice>
      )}
      {next && <p className="text-sm">{next}</p>}
    </li>
  );
}

function Way({ drive: { side, pairing } }: { drive: SeedDriveSummary }) {
  const [from, to] = side === "source" ? ["this core", pairing.peerName] : [pairing.peerName, "this core"];
  return (
    <span className="inline-flex min-w-0 items-center gap-1">
      <span className="truncate">{from}</span>
      <ArrowRight className="size-3 shrink-0" aria-label="to" />
      <span className="truncate">{to}</span>
    </span>
  );
}

function TaskProgress({ name, task }: { name: string; task: NonNullable<SeedDriveSummary["task"]> }) {
  const share = task.bytesTotal ? shareOf(task.bytesDone, task.bytesTotal) : null;
  const bytes = task.bytesTotal
    ? `${formatBytes(task.bytesDone)} of ${formatBytes(task.bytesTotal)}`
    : formatBytes(task.bytesDone);
  return (
    <div className="grid gap-1">
      <LinkProgress
        share={share}
        label={`Seed drive ${name}`}
        valueText={share === null ? bytes : `${formatPercent(share)}, ${bytes}`}
      />
      <p data-figures className="flex flex-wrap gap-x-2 text-muted text-xs">
        <span>{task.state === "queued" ? "queued" : task.phase}</span>
        <span className="whitespace-nowrap">{bytes}</span>
        {task.rateBytesPerSecond > 0 && (
          <span className="whitespace-nowrap">{formatRate(task.rateBytesPerSecond)}</span>
        )}
      </p>
    </div>
  );
}

function Figures({ drive }: { drive: SeedDriveSummary }) {
  const agents = drive.agents.map(({ name }) => name);
  const folders = drive.positionsTotal ?? drive.folders.length;
  return (
    <dl className="grid gap-x-6 gap-y-1 text-xs @lg:grid-cols-2">
      <Figure label="Recovery points">{`${formatCount(drive.pointsDone)} of ${formatCount(drive.pointsTotal)}`}</Figure>
      <Figure label={drive.side === "source" ? "Written" : "Read"}>
        {`${formatBytes(drive.bytesDone)}, ${formatNumberOf(drive.recordsDone, "record")}`}
      </Figure>
      <Figure label="Agents">
        {agents.length > 3 ? `${agents.slice(0, 3).join(", ")} and ${agents.length - 3} more` : agents.join(", ")}
      </Figure>
      <Figure
        label={
          folders > 1
            ? `Folders (${drive.side === "target" ? `${drive.positionsDone.length} of ` : ""}${folders})`
            : "Folder"
        }
      >
        <span className="break-all font-mono">{drive.folders.at(-1)}</span>
      </Figure>
    </dl>
  );
}

function Figure({ label, children }: { label: string; children: React.ReactNode }) {
  return (
    <div className="flex min-w-0 gap-2">
      <dt className="w-28 shrink-0 text-muted">{label}</dt>
      <dd className="min-w-0">{children}</dd>
    </div>
  );
}

function failureTitle({ state, side }: SeedDriveSummary): string {
  if (side === "target") return "Not everything on the drive was sound";
  return state === "exporting" ? "The export stopped" : "Something was left out";
}
