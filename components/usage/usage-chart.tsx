"use client";

import { TriangleAlert } from "lucide-react";
import { StackedChart, type StackedGroup } from "@/components/ui/stacked-chart";
import type { UsageReport } from "@/lib/engine/usage/schemas";
import { formatDuration, formatNumberOf } from "@/lib/format";
import { decimalTicks, formatDay, formatFigure } from "./figures";
import { GROUP_WORDS, METER_WORDS } from "./words";

/** As many areas as eyes tell apart; what is left is one more. */
const SHOWN = 8;
/** Days named beneath the picture; the table has them all. */
const NAMED = 6;

/** The report as areas on top of each other, from the first day that was measured. */
export function UsageChart({ report }: { report: UsageReport }) {
  const { meter, days, sum, missingSeconds } = report;
  const first = Math.max(
    0,
    sum.points.findIndex((point) => point !== null),
  );
  const last = sum.points.findLastIndex((point) => point !== null) + 1;
  const gaps = days.slice(first, last).filter((_, at) => (missingSeconds[first + at] ?? 0) > 0);
  const groups = shownOf(report).map((group) => ({ ...group, points: group.points.slice(first, last) }));
  const missing = missingSeconds.slice(first, last).reduce((all, seconds) => all + seconds, 0);
  return (
    <div className="grid gap-2 p-3.5">
      <StackedChart
        summary={`${METER_WORDS[meter].label} by day, by ${GROUP_WORDS[report.groupBy].one.toLowerCase()}.`}
        days={days.slice(first, last)}
        groups={groups}
        gaps={gaps}
        write={(figure) => formatFigure(meter, figure)}
        writeDay={formatDay}
        ticks={decimalTicks}
      />
      {gaps.length > 0 && (
        <p className="flex items-start gap-1.5 text-muted text-xs">
          <TriangleAlert className="mt-px size-3.5 shrink-0 text-warn" aria-hidden />
          {`Shaded: on ${namesOf(gaps)} nothing was measured for ${formatDuration(missing)} of agents in all. That time is not charged.`}
        </p>
      )}
    </div>
  );
}

function namesOf(gaps: readonly string[]): string {
  const named = gaps.slice(0, NAMED).map(formatDay).join(", ");
  const more = gaps.length - NAMED;
  return more > 0 ? `${named} and ${formatNumberOf(more, "day")} more` : named;
}

/** The largest groups by themselves and one for all the others. */
function shownOf({ groups, groupBy }: UsageReport): StackedGroup[] {
  const named = groups.filter((group) => !group.isOther);
  const rest = [...named.slice(SHOWN), ...groups.filter((group) => group.isOther)];
  const shown = named
    .slice(0, SHOWN)
    .map((group) => ({ key: group.id ?? "here", label: group.name, points: group.points }));
  const [first] = rest;
  if (!first) return shown;
  const points = first.points.map((_, at) => added(rest.map((group) => group.points[at] ?? null)));
  return [...shown, { key: "others", label: `Other ${GROUP_WORDS[groupBy].many}`, points }];
}

const added = (figures: readonly (number | null)[]): number | null =>
  figures.every((figure) => figure === null) ? null : figures.reduce<number>((sum, figure) => sum + (figure ?? 0), 0);
