/** What a change of policies may have changed elsewhere. */
export const touches = [["policies"], ["agents"], ["sessions"]] as const;

export const INTERVALS = [
  { minutes: 5, label: "Every 5 minutes" },
  { minutes: 15, label: "Every 15 minutes" },
  { minutes: 30, label: "Every 30 minutes" },
  { minutes: 60, label: "Every hour" },
  { minutes: 120, label: "Every 2 hours" },
  { minutes: 240, label: "Every 4 hours" },
  { minutes: 360, label: "Every 6 hours" },
  { minutes: 720, label: "Every 12 hours" },
  { minutes: 1440, label: "Every day" },
] as const;

export const OBJECTIVES = [
  { seconds: 300, label: "5 minutes" },
  { seconds: 900, label: "15 minutes" },
  { seconds: 1800, label: "30 minutes" },
  { seconds: 3600, label: "1 hour" },
  { seconds: 6 * 3600, label: "6 hours" },
  { seconds: 12 * 3600, label: "12 hours" },
  { seconds: 24 * 3600, label: "1 day" },
] as const;

export const DAYS = [
  { day: 1, label: "Mon" },
  { day: 2, label: "Tue" },
  { day: 3, label: "Wed" },
  { day: 4, label: "Thu" },
  { day: 5, label: "Fri" },
  { day: 6, label: "Sat" },
  { day: 7, label: "Sun" },
] as const;

/** The choices with the one that is set, when somebody set another one by an API. */
export function withCurrent<T extends { label: string }>(
  choices: readonly T[],
  current: T | null,
  same: (a: T, b: T) => boolean,
): readonly T[] {
  return current && !choices.some((choice) => same(choice, current)) ? [current, ...choices] : choices;
}

export const capitalized = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
