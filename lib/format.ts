/** How figures are written everywhere: binary units, tabular numbers, words for times. Pure; server and browser share it. */

const UNITS = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"] as const;
export type ByteUnit = (typeof UNITS)[number];

export const BYTES_PER: Readonly<Record<ByteUnit, number>> = {
  B: 1,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
  TiB: 2 ** 40,
  PiB: 2 ** 50,
};

/** 0 → "0 B", 1536 → "1.5 KiB", 1610612736 → "1.5 GiB"; one decimal below 100, none above. */
export function formatBytes(sizeBytes: number): string {
  const { value, unit } = splitBytes(sizeBytes);
  return `${value} ${unit}`;
}

/** A size as the number and the unit a person would write. */
export function splitBytes(sizeBytes: number): { value: string; unit: ByteUnit } {
  let at = 0;
  let rest = sizeBytes;
  // 1023.95 would print as "1024": it belongs to the next unit.
  while (at < UNITS.length - 1 && Number(rest.toFixed(1)) >= 1024) {
    rest /= 1024;
    at++;
  }
  return { value: digits(rest, at > 0), unit: UNITS[at] ?? "PiB" };
}

function digits(value: number, fraction: boolean): string {
  if (!fraction || value >= 99.95) return Math.round(value).toString();
  return value.toFixed(1).replace(/\.0$/, "");
}

/** Round figures in one binary unit from 0 to at least `maxBytes`, three to six of them: the ticks of an axis. */
export function byteTicks(maxBytes: number): number[] {
  const unit = BYTES_PER[splitBytes(maxBytes).unit];
  const steps = [1, 2, 5, 10, 20, 50, 100, 200, 500].flatMap((step) =>
    unit > 1 && step < 10 ? [step / 10, step] : [step],
  );
  const fits = (step: number) => step * unit * 5 >= maxBytes;
  const step = Math.min(...steps.filter(fits)) * unit;
  return Array.from({ length: Math.ceil(maxBytes / step) + 1 }, (_, at) => at * step);
}

export const formatRate = (bytesPerSecond: number) => `${formatBytes(bytesPerSecond)}/s`;

const COUNT = new Intl.NumberFormat("en");
export const formatCount = (count: number) => COUNT.format(count);

/** "1 agent", "3 agents", "1,200 recovery points". */
export const formatNumberOf = (count: number, one: string, many = `${one}s`) =>
  `${formatCount(count)} ${count === 1 ? one : many}`;

/** A share in whole percent that never says 0 or 100 before it is so. */
export function formatPercent(share: number): string {
  if (share <= 0) return "0 %";
  if (share >= 1) return "100 %";
  return `${Math.min(99, Math.max(1, Math.round(share * 100)))} %`;
}

/** done / total as 0…1; 0 while nothing is known. */
export const shareOf = (done: number, total: number) => (total > 0 ? Math.min(1, Math.max(0, done / total)) : 0);

const STEPS = [
  { unit: "d", seconds: 86_400 },
  { unit: "h", seconds: 3_600 },
  { unit: "min", seconds: 60 },
  { unit: "s", seconds: 1 },
] as const;

/** The two largest units: 45 → "45 s", 200 → "3 min 20 s", 7500 → "2 h 5 min", 93600 → "1 d 2 h". */
export function formatDuration(seconds: number): string {
  let rest = Math.max(0, Math.round(seconds));
  const parts: string[] = [];
  for (const [at, step] of STEPS.entries()) {
    const count = Math.floor(rest / step.seconds);
    rest -= count * step.seconds;
    if (count > 0) parts.push(`${count} ${step.unit}`);
    // Never two units with a hole between them: "1 d 5 s" says more than anyone knows.
    if (parts.length === 2 || (parts.length === 1 && count === 0 && at > 0)) break;
  }
  return parts.join(" ") || "0 s";
}

/** "just now", "3 min ago", "in 5 h": one unit, the largest. */
export function formatRelative(at: Date, now: Date): string {
  const seconds = Math.round((now.getTime() - at.getTime()) / 1000);
  if (Math.abs(seconds) < 10) return "just now";
  const step = STEPS.find((candidate) => Math.abs(seconds) >= candidate.seconds) ?? STEPS[3];
  const amount = `${Math.floor(Math.abs(seconds) / step.seconds)} ${step.unit}`;
  return seconds > 0 ? `${amount} ago` : `in ${amount}`;
}

const ABSOLUTE = { dateStyle: "medium", timeStyle: "long" } as const;
/** Date, time to the second and zone; in the viewer's zone unless one is given. */
export const formatAbsolute = (at: Date, timeZone?: string) =>
  new Intl.DateTimeFormat("en-GB", { ...ABSOLUTE, timeZone }).format(at);

/** The next point at which formatRelative would say something else, in ms, so that a clock need not tick for nothing. */
export function relativeStepMs(at: Date, now: Date): number {
  const seconds = Math.abs(now.getTime() - at.getTime()) / 1000;
  if (seconds < 60) return 5_000;
  return seconds < 3_600 ? 30_000 : 600_000;
}
