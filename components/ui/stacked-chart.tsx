"use client";

import { Area, AreaChart, CartesianGrid, ReferenceArea, ResponsiveContainer, Tooltip, XAxis, YAxis } from "recharts";
import { ChartFrame, TOOLTIP_STYLE } from "./chart-frame";

export interface StackedGroup {
  key: string;
  label: string;
  /** One for each day; null: nothing was measured. */
  points: readonly (number | null)[];
}

interface StackedChartProps {
  summary: string;
  /** "YYYY-MM-DD" */
  days: readonly string[];
  /** From the bottom up; at most nine. */
  groups: readonly StackedGroup[];
  /** Days of which a part is missing: shaded. */
  gaps: readonly string[];
  write: (figure: number) => string;
  writeDay: (day: string) => string;
  ticks: (max: number) => number[];
}

export const seriesColour = (at: number) => `var(--series-${Math.min(at, 8) + 1})`;
const HALF_DAY_MS = 43_200_000;
const timeOf = (day: string) => Date.parse(`${day}T00:00:00Z`);
const dayOf = (time: unknown) => new Date(Number(time)).toISOString().slice(0, 10);
/** More lines than these a hand-held tip does not hold. */
const GAPS_MAX = 60;

/** Areas on top of each other, by the day: what there is in all, and what each part has of it. */
export function StackedChart({ summary, days, groups, gaps, write, writeDay, ticks }: StackedChartProps) {
  const data = days.map((day, at) => ({
    time: timeOf(day),
    ...Object.fromEntries(groups.map((group) => [group.key, group.points[at] ?? 0])),
  }));
  const sums = days.map((_, at) => groups.reduce((sum, group) => sum + (group.points[at] ?? 0), 0));
  const axis = ticks(Math.max(1, ...sums));
  const legend = groups.map((group, at) => ({ label: group.label, colour: seriesColour(at) }));
  const cell = (figure: number | null | undefined) => (figure == null ? "not measured" : write(figure));
  const numbers = {
    head: ["Day", ...groups.map((group) => group.label), "All"],
    rows: days
      .map((day, at) => [writeDay(day), ...groups.map((group) => cell(group.points[at])), write(sums[at] ?? 0)])
      .reverse(),
  };
  return (
    <ChartFrame summary={summary} legend={legend} numbers={numbers}>
      <ResponsiveContainer width="100%" height="100%" initialDimension={{ width: 600, height: 260 }}>
        <AreaChart data={data} margin={{ top: 6, right: 8, bottom: 0, left: 0 }} accessibilityLayer={false}>
          <CartesianGrid stroke="var(--chart-grid)" vertical={false} />
          {gaps.slice(0, GAPS_MAX).map((day) => (
            <ReferenceArea
              key={day}
              x1={Math.max(timeOf(day) - HALF_DAY_MS, timeOf(days[0] ?? day))}
              x2={Math.min(timeOf(day) + HALF_DAY_MS, timeOf(days.at(-1) ?? day))}
              fill="var(--warn)"
              fillOpacity={0.16}
              ifOverflow="hidden"
            />
          ))}
          <XAxis
            dataKey="time"
            type="number"
            scale="time"
            domain={["dataMin", "dataMax"]}
            tickFormatter={(time: number) => writeDay(dayOf(time))}
            tick={{ fill: "var(--muted)", fontSize: 11 }}
            stroke="var(--line)"
            tickLine={false}
            minTickGap={44}
          />
          <YAxis
            tickFormatter={write}
            ticks={axis}
            domain={[0, axis.at(-1) ?? 1]}
            tick={{ fill: "var(--muted)", fontSize: 11 }}
            axisLine={false}
            tickLine={false}
            width={64}
          />
          <Tooltip
            isAnimationActive={false}
            // What lies on top stands on top.
            itemSorter={(item) => -groups.findIndex((group) => group.key === item.dataKey)}
            formatter={(value, name) => [write(Number(value)), name]}
            labelFormatter={(time) => writeDay(dayOf(time))}
            {...TOOLTIP_STYLE}
          />
          {groups.map((group, at) => (
            <Area
              key={group.key}
              dataKey={group.key}
              name={group.label}
              stackId="all"
              type="linear"
              // A line of paper between the areas: they stay apart without their colours.
              stroke="var(--surface)"
              strokeWidth={1}
              fill={seriesColour(at)}
              fillOpacity={0.92}
              isAnimationActive={false}
              dot={data.length === 1 && { r: 4, fill: seriesColour(at) }}
            />
          ))}
        </AreaChart>
      </ResponsiveContainer>
    </ChartFrame>
  );
}
