import type { MeterName } from "@/lib/engine/usage/schemas";

/** How usage is written for people who bill it: in units of 1,000, as statements have them. */
const UNITS = ["B", "kB", "MB", "GB", "TB", "PB"] as const;

/** 0 → "0 B", 1234567 → "1.23 MB": three digits that count. */
export function formatDecimalBytes(sizeBytes: number): string {
  let at = 0;
  let rest = Math.abs(sizeBytes);
  // 999.95 would print as "1000": it belongs to the next unit.
  while (at < UNITS.length - 1 && Number(rest.toPrecision(3)) >= 1000) {
    rest /= 1000;
    at++;
  }
  const digits = at === 0 ? Math.round(rest) : Number(rest.toPrecision(3));
  return `${sizeBytes < 0 ? "−" : ""}${digits} ${UNITS[at]}`;
}

const AGENTS = new Intl.NumberFormat("en", { maximumFractionDigits: 1 });

export const formatFigure = (meter: MeterName, figure: number): string =>
  meter === "agents" ? AGENTS.format(figure) : formatDecimalBytes(figure);

/** "+12 %", "−3 %", "no change"; null where there is nothing to compare with. */
export function formatChange(now: number, before: number | null): string | null {
  if (before === null || before === 0) return null;
  const percent = ((now - before) / before) * 100;
  if (Math.abs(percent) < 0.5) return "no change";
  const text =
    Math.abs(percent) >= 1000 ? `${(Math.abs(percent) / 100).toFixed(0)} times` : `${Math.round(Math.abs(percent))} %`;
  return `${percent > 0 ? "+" : "−"}${text}`;
}

/** Round figures from 0 to at least `max`, three to six of them. */
export function decimalTicks(max: number): number[] {
  const power = 10 ** Math.floor(Math.log10(Math.max(max, 1)));
  const step = [0.2, 0.5, 1, 2].map((part) => part * power).find((part) => part * 5 >= max) ?? 2 * power;
  return Array.from({ length: Math.ceil(max / step) + 1 }, (_, at) => at * step);
}

const DAY = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", timeZone: "UTC" });
const LONG_DAY = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeZone: "UTC" });
/** "3 Oct": a calendar day, whatever the viewer's zone. */
export const formatDay = (day: string) => DAY.format(new Date(`${day}T00:00:00Z`));
export const formatLongDay = (day: string) => LONG_DAY.format(new Date(`${day}T00:00:00Z`));

const MONTH = new Intl.DateTimeFormat("en-GB", { month: "long", year: "numeric", timeZone: "UTC" });
/** "2026-10" → "October 2026" */
export const formatMonth = (month: string) => MONTH.format(new Date(`${month}-01T00:00:00Z`));
