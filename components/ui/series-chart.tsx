"use client";

import { Area, AreaChart, CartesianGrid, ResponsiveContainer, Tooltip, XAxis, YAxis } from "recharts";
import { byteTicks, formatAbsolute, formatBytes } from "@/lib/format";
import { ChartFrame, TOOLTIP_STYLE } from "./chart-frame";

export interface Series {
  key: string;
  label: string;
  /** The second line is dashed: readable without its colour. */
  dashed?: boolean;
}

/** A moment, and a figure per series under its key. */
export type SeriesPoint = { at: string } & Readonly<Record<string, number | string>>;

interface SeriesChartProps {
  summary: string;
  points: readonly SeriesPoint[];
  series: readonly [Series] | readonly [Series, Series];
  /** After every figure: "/s" for rates. */
  per?: string;
  /** Nothing was measured for longer than this: the lines break. */
  gapMs?: number;
}

const COLOURS = ["var(--chart-1)", "var(--chart-2)"] as const;
/** More rows than this no person reads; the chart still has them all. */
const TABLE_ROWS_MAX = 200;

/** Byte figures over time. */
export function SeriesChart({ summary, points, series, per = "", gapMs = Number.POSITIVE_INFINITY }: SeriesChartProps) {
  const write = (value: unknown) => `${formatBytes(Number(value))}${per}`;
  const data = points.map((point): SeriesPoint & { time: number } => ({
    ...point,
    time: new Date(point.at).getTime(),
  }));
  const span = (data.at(-1)?.time ?? 0) - (data[0]?.time ?? 0);
  const ticks = byteTicks(Math.max(1, ...data.flatMap((point) => series.map((one) => Number(point[one.key])))));
  const numbers = {
    head: ["Time", ...series.map((one) => one.label)],
    rows: points
      .slice(-TABLE_ROWS_MAX)
      .reverse()
      .map((point) => [formatAbsolute(new Date(point.at)), ...series.map((one) => write(point[one.key]))]),
  };
  const legend = series.map((one, at) => ({ label: one.label, colour: COLOURS[at] ?? COLOURS[0], dashed: one.dashed }));
  return (
    <ChartFrame summary={summary} legend={legend} numbers={numbers}>
      <ResponsiveContainer width="100%" height="100%" initialDimension={{ width: 600, height: 208 }}>
        <AreaChart
          data={breakAtGaps(data, gapMs)}
          margin={{ top: 6, right: 8, bottom: 0, left: 0 }}
          accessibilityLayer={false}
        >
          <CartesianGrid stroke="var(--chart-grid)" vertical={false} />
          <XAxis
            dataKey="time"
            type="number"
            scale="time"
            domain={["dataMin", "dataMax"]}
            tickFormatter={(time: number) => axisTime(time, span)}
            tick={{ fill: "var(--muted)", fontSize: 11 }}
            stroke="var(--line)"
            tickLine={false}
            minTickGap={44}
          />
          <YAxis
            tickFormatter={write}
            ticks={ticks}
            domain={[0, ticks.at(-1) ?? 1]}
            tick={{ fill: "var(--muted)", fontSize: 11 }}
            axisLine={false}
            tickLine={false}
            width={per ? 80 : 64}
          />
          <Tooltip
            isAnimationActive={false}
            formatter={(value, name) => [write(value), name]}
            labelFormatter={(time) => formatAbsolute(new Date(Number(time)))}
            {...TOOLTIP_STYLE}
          />
          {series.map((one, at) => (
            <Area
              key={one.key}
              dataKey={one.key}
              name={one.label}
              type="linear"
              stroke={COLOURS[at]}
              strokeWidth={2}
              strokeDasharray={one.dashed ? "5 4" : undefined}
              fill={COLOURS[at]}
              fillOpacity={one.dashed ? 0 : 0.14}
              isAnimationActive={false}
              dot={data.length === 1 && { r: 4, strokeDasharray: "0" }}
            />
          ))}
        </AreaChart>
      </ResponsiveContainer>
    </ChartFrame>
  );
}

/** A point without figures in every gap: what draws lines stops there. */
function breakAtGaps(data: readonly (SeriesPoint & { time: number })[], gapMs: number) {
  return data.flatMap((point, at): Partial<SeriesPoint & { time: number }>[] => {
    const next = data[at + 1];
    return next && next.time - point.time > gapMs ? [point, { time: point.time + gapMs }] : [point];
  });
}

function axisTime(time: number, spanMs: number): string {
  const date = new Date(time);
  const day = 86_400_000;
  if (spanMs < 600_000) return date.toLocaleTimeString("en-GB");
  if (spanMs < 2 * day) return date.toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
  return date.toLocaleDateString("en-GB", { day: "numeric", month: "short" });
}
