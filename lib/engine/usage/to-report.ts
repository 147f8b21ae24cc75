import type { ListUsageInput, UsageGroup, UsageReport } from "./schemas";

/** One group on one day. */
export interface Cell {
  readonly day: string;
  /** An id, "none" (captured on this core) or "other". */
  readonly key: string;
  readonly value: number;
  readonly latest: number;
  readonly isMeasured: boolean;
  readonly missing: number;
}

interface Given {
  readonly input: Pick<ListUsageInput, "groupBy" | "meter">;
  readonly days: readonly string[];
  /** The same days a month before. */
  readonly before: readonly string[];
  /** The days through which growth is looked at. */
  readonly growth: readonly string[];
  readonly cells: readonly Cell[];
  readonly names: ReadonlyMap<string, string>;
  readonly groupsInAll: number;
}

/** Puts the cells of a chart in order. Pure. A day without a cell that was measured has no figure, in any group. */
export function toReport({ input, days, before, growth, cells, names, groupsInAll }: Given): UsageReport {
  const measured = new Set(cells.filter(({ isMeasured }) => isMeasured).map(({ day }) => day));
  const byKey = new Map<string, Map<string, Cell>>();
  for (const cell of cells) {
    const series = byKey.get(cell.key) ?? new Map<string, Cell>();
    byKey.set(cell.key, series.set(cell.day, cell));
  }
  const isSum = input.meter === "transferred";
  const groupOf = (key: string, cellAt: (day: string) => Figures | undefined): UsageGroup => {
    const pointsOf = (some: readonly string[]) =>
      some.map((day) => (measured.has(day) ? (cellAt(day)?.value ?? 0) : null));
    const newest = days.findLast((day) => measured.has(day));
    const past = pointsOf(before);
    return {
      id: key === "other" || key === "none" || key === "sum" ? null : key,
      isOther: key === "other",
      name: nameOf(key, names),
      points: pointsOf(days),
      latest: newest ? (cellAt(newest)?.latest ?? 0) : 0,
      total: foldOf(pointsOf(days), isSum) ?? 0,
      monthBefore: foldOf(past, isSum),
      growthPerDay: slopeOf(pointsOf(growth)),
    };
  };
  const groups = [...byKey]
    .map(([key, series]) => groupOf(key, (day) => series.get(day)))
    .filter((group) => group.points.some((point) => point !== null && point > 0) || !group.isOther)
    .sort((a, b) => Number(a.isOther) - Number(b.isOther) || b.total - a.total);
  const ofDay = new Map<string, Cell[]>();
  for (const cell of cells) ofDay.set(cell.day, [...(ofDay.get(cell.day) ?? []), cell]);
  return {
    ...input,
    days: [...days],
    groups,
    sum: groupOf("sum", (day) => addUp(ofDay.get(day) ?? [])),
    groupsInAll,
    missingSeconds: days.map((day) => Math.max(0, ...(ofDay.get(day) ?? []).map(({ missing }) => missing))),
  };
}

type Figures = Pick<Cell, "value" | "latest">;

const addUp = (cells: readonly Cell[]): Figures => ({
  value: cells.reduce((sum, { value }) => sum + value, 0),
  latest: cells.reduce((sum, { latest }) => sum + latest, 0),
});

function nameOf(key: string, names: ReadonlyMap<string, string>): string {
  if (key === "other") return "Others";
  if (key === "sum") return "All";
  if (key === "none") return "This core";
  return names.get(key) ?? key.slice(0, 8);
}

/** The sum, or the mean, of the days that have a figure; null when none has. */
function foldOf(points: readonly (number | null)[], isSum: boolean): number | null {
  const known = points.filter((point) => point !== null);
  if (known.length === 0) return null;
  const sum = known.reduce((total, point) => total + point, 0);
  return isSum ? sum : sum / known.length;
}

/** The slope of the straight line through the points (least squares), for each day. null: fewer than two. */
export function slopeOf(points: readonly (number | null)[]): number | null {
  const known = points.flatMap((value, day) => (value === null ? [] : [{ day, value }]));
  if (known.length < 2) return null;
  const mean = (of: (point: { day: number; value: number }) => number) =>
    known.reduce((sum, point) => sum + of(point), 0) / known.length;
  const [middle, level] = [mean(({ day }) => day), mean(({ value }) => value)];
  const along = known.reduce((sum, { day }) => sum + (day - middle) ** 2, 0);
  return known.reduce((sum, { day, value }) => sum + (day - middle) * (value - level), 0) / along;
}
