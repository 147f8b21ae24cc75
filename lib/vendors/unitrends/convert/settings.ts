import type { ReplicationSettings, ThrottleSchedule, ThrottleWindow } from "@/lib/engine/replication-settings/schemas";
import type { Config, Throttle } from "../output";
import { STRATEGY_WORDS, schemeOf } from "./words";

export const toConfig = (settings: ReplicationSettings): Config => ({
  max_concurrent: settings.maxConcurrentRuns,
  report_mail_to: settings.reportMailTo,
  report_time: settings.reportTime,
  queue_scheme: schemeOf(settings.queueStrategy),
  strategy: STRATEGY_WORDS[settings.queueStrategy],
  enabled: true,
});

/** Bytes per second in a kilobit per second. */
const KILOBIT = 125;
/** Lines to choose from, in kilobits per second. */
const LINES: readonly (readonly [string, number])[] = [
  ["T1 (1.5 Mbit/s)", 1_544],
  ["10 Mbit/s", 10_000],
  ["50 Mbit/s", 50_000],
  ["100 Mbit/s", 100_000],
  ["500 Mbit/s", 500_000],
  ["1 Gbit/s", 1_000_000],
  ["10 Gbit/s", 10_000_000],
];

/** The schedule with the lines to choose from; a bandwidth that is none of them is one more. 0: no line is chosen. */
export function toThrottle({ bandwidthBytesPerSecond, windows, timeZone }: ThrottleSchedule): Throttle {
  const chosen = bandwidthBytesPerSecond === null ? 0 : bandwidthBytesPerSecond / KILOBIT;
  const known = LINES.some(([, value]) => value === chosen) || chosen === 0;
  const lines: (readonly [string, number])[] = [
    ["Not set", 0],
    ...LINES,
    ...(known ? [] : [["Custom", chosen] as const]),
  ];
  return {
    throttle: windows.filter(({ percentage }) => percentage > 0).map(toRow),
    BlockoutPeriod: windows.filter(({ percentage }) => percentage === 0).map(toRow),
    bandwidths: lines.map(([name, value]) => ({ name, value, selected: value === chosen })),
    time_zone: timeZone,
  };
}

const toRow = ({ percentage, days, start, end }: ThrottleWindow) => ({ percentage, days: [...days], start, end });

export interface GivenThrottle {
  throttle?: ThrottleWindow[] | undefined;
  blockouts?: ThrottleWindow[] | undefined;
  /** In kilobits per second; 0: none. */
  bandwidth?: number | undefined;
  timeZone?: string | undefined;
}

/** What is given over what holds: a client that sends one list leaves the other as it is. */
export function mergeThrottle(before: ThrottleSchedule, given: GivenThrottle): ThrottleSchedule {
  const { throttle, blockouts, bandwidth, timeZone } = given;
  const kept = (isBlockout: boolean) => before.windows.filter(({ percentage }) => (percentage === 0) === isBlockout);
  // A list that names windows of 0 % says all there is.
  const throttled = throttle ?? kept(false);
  const blocked = blockouts ?? (throttle?.some(({ percentage }) => percentage === 0) ? [] : kept(true));
  const bytes = Math.round((bandwidth ?? 0) * KILOBIT);
  return {
    bandwidthBytesPerSecond: bandwidth === undefined ? before.bandwidthBytesPerSecond : bytes > 0 ? bytes : null,
    timeZone: timeZone ?? before.timeZone,
    windows: [...throttled, ...blocked.map((window) => ({ ...window, percentage: 0 }))],
  };
}
