"use client";

import { useState } from "react";
import { type Column, DataTable } from "@/components/ui/data-table";
import { Select } from "@/components/ui/field";
import { seriesColour } from "@/components/ui/stacked-chart";
import type { UsageGroup, UsageReport } from "@/lib/engine/usage/schemas";
import { formatNumberOf } from "@/lib/format";
import { formatChange, formatFigure } from "./figures";
import { addressOf, type UsageView } from "./view";
import { GROUP_WORDS } from "./words";

const SORTS = {
  name: { label: "Name", of: (group: UsageGroup) => group.name },
  latest: { label: "Now", of: (group: UsageGroup) => group.latest },
  total: { label: "Mean of these days", of: (group: UsageGroup) => group.total },
  change: { label: "Against a month before", of: (group: UsageGroup) => group.total - (group.monthBefore ?? 0) },
  growth: { label: "Growth a day", of: (group: UsageGroup) => group.growthPerDay ?? 0 },
} as const;
type Sort = keyof typeof SORTS;

/** The numbers of the picture, a line for each group; a line leads to what it is made of. */
export function UsageTable({ report, view }: { report: UsageReport; view: UsageView }) {
  const [sort, setSort] = useState<{ by: Sort; descending: boolean }>({ by: "total", descending: true });
  const press = (by: Sort) => setSort((now) => ({ by, descending: now.by === by ? !now.descending : by !== "name" }));
  const rows = [...report.groups].sort((a, b) => compare(a, b, sort.by) * (sort.descending ? -1 : 1));
  const column = (by: Sort, cell: Column<UsageGroup>["cell"]): Column<UsageGroup> => ({
    id: by,
    header: by === "total" && report.meter === "transferred" ? "Sum of these days" : SORTS[by].label,
    cell,
    ...(by === "name" ? {} : { align: "right" }),
    sort: {
      direction: sort.by !== by ? "none" : sort.descending ? "descending" : "ascending",
      onSort: () => press(by),
    },
  });
  const write = (figure: number) => formatFigure(report.meter, figure);
  const columns: Column<UsageGroup>[] = [
    { ...column("name", (group) => <Name group={group} report={report} />), header: GROUP_WORDS[report.groupBy].one },
    column("latest", (group) => write(group.latest)),
    column("total", (group) => write(group.total)),
    column("change", (group) => <Change group={group} write={write} />),
    column("growth", (group) => growth(group, write)),
  ];
  return (
    <>
      <div className="flex flex-wrap items-center justify-between gap-2 border-t px-3.5 py-2 text-muted text-xs">
        <span>
          {formatNumberOf(
            report.groupsInAll,
            GROUP_WORDS[report.groupBy].one.toLowerCase(),
            GROUP_WORDS[report.groupBy].many,
          )}
        </span>
        <Select
          aria-label="Sorted by"
          className="h-8 w-48 text-xs min-[720px]:hidden"
          value={sort.by}
          onChange={(event) => press(event.target.value as Sort)}
        >
          {Object.entries(SORTS).map(([by, { label }]) => (
            <option key={by} value={by}>{`By ${label.toLowerCase()}`}</option>
          ))}
        </Select>
      </div>
      <DataTable
        label={`Usage by ${GROUP_WORDS[report.groupBy].one.toLowerCase()}`}
        rows={rows}
        columns={columns}
        rowKey={(group) => (group.isOther ? "others" : (group.id ?? "here"))}
        href={(group) => hrefOf(group, report, view)}
      />
      <Sum report={report} write={write} />
    </>
  );
}

/** The others stay last, whatever is sorted by. */
function compare(a: UsageGroup, b: UsageGroup, by: Sort): number {
  if (a.isOther !== b.isOther) return 0;
  const [left, right] = [SORTS[by].of(a), SORTS[by].of(b)];
  if (typeof left === "string" && typeof right === "string") return left.localeCompare(right);
  return Number(left) - Number(right);
}

function Name({ group, report }: { group: UsageGroup; report: UsageReport }) {
  const at = report.groups.filter((one) => !one.isOther).indexOf(group);
  return (
    <span className="inline-flex min-w-0 items-center gap-2">
      <svg viewBox="0 0 10 10" className="size-2.5 shrink-0" aria-hidden="true">
        <rect width="10" height="10" rx="2" fill={seriesColour(at === -1 ? 8 : at)} />
      </svg>
      <span className="min-w-0 break-words">{group.name}</span>
    </span>
  );
}

function Change({ group, write }: { group: UsageGroup; write: (figure: number) => string }) {
  const change = formatChange(group.total, group.monthBefore);
  if (group.monthBefore === null) return <span className="text-muted">not measured then</span>;
  return <span title={`A month before: ${write(group.monthBefore)}`}>{change ?? write(group.monthBefore)}</span>;
}

function growth({ growthPerDay }: UsageGroup, write: (figure: number) => string): string {
  if (growthPerDay === null) return "–";
  if (Math.abs(growthPerDay) < 1e-9) return write(0);
  return `${growthPerDay > 0 ? "+" : "−"}${write(Math.abs(growthPerDay))}`;
}

function hrefOf(group: UsageGroup, { groupBy }: UsageReport, view: UsageView): string {
  if (group.isOther || group.id === null) return addressOf(view);
  if (groupBy === "tenant") return addressOf({ ...view, tenantId: group.id });
  if (groupBy === "agent") return addressOf({ ...view, agentId: group.id });
  return groupBy === "repository" ? `/repositories/${group.id}` : `/pairing/${group.id}`;
}

function Sum({ report, write }: { report: UsageReport; write: (figure: number) => string }) {
  const { sum } = report;
  const change = formatChange(sum.total, sum.monthBefore);
  return (
    <p data-figures className="flex flex-wrap justify-between gap-x-6 gap-y-1 border-t px-3.5 py-2.5 text-sm">
      <span className="font-semibold">All together</span>
      <span>
        {`${write(sum.latest)} now · ${write(sum.total)} ${report.meter === "transferred" ? "in these days" : "on average"}`}
        {change && ` · ${change} against a month before`}
      </span>
    </p>
  );
}
