import type { SessionState } from "@/lib/engine/sessions/schemas";

// The engine's words and those of this API, each pair once.

export const SESSION_STATES: Readonly<Record<SessionState, string>> = {
  initializing: "Initializing",
  ok: "OK",
  synchronizing: "Synchronizing",
  pausing: "Pausing",
  paused: "Paused",
  resuming: "Resuming",
  system_paused: "System_Paused",
  failing_over: "Failing_Over",
  failing_over_for_dr: "Failing_Over_For_DR",
  failed_over: "Failed_Over",
  reprotecting: "Reprotecting",
  deleting: "Deleting",
  // Its pairing is over: nothing is copied any more and nothing can be ordered.
  ended: "Error",
};

export const ROLES = { source: "Source", destination: "Destination" } as const;

/** What this API calls the copying itself: the first copy apart from later ones. */
export const DATA_TRANSFER_STATES: Readonly<Record<SessionState, string>> = {
  initializing: "Asynchronous_Initial_Sync",
  ok: "Asynchronous",
  synchronizing: "Asynchronous",
  pausing: "Paused",
  paused: "Paused",
  resuming: "Asynchronous",
  system_paused: "Faulted",
  failing_over: "Asynchronous",
  failing_over_for_dr: "Asynchronous",
  failed_over: "Paused",
  reprotecting: "Asynchronous",
  deleting: "Paused",
  ended: "Faulted",
};

/** Zero is this API's word for synchronous replication, which there is none of. */
export const RPO_SECONDS: Readonly<Record<string, number>> = {
  Five_Minutes: 300,
  Fifteen_Minutes: 900,
  Thirty_Minutes: 1_800,
  One_Hour: 3_600,
  Six_Hours: 21_600,
  Twelve_Hours: 43_200,
  One_Day: 86_400,
};

/** The word of an RPO; one that people set to something else is told as the next stricter word. */
export function rpoWord(seconds: number): string {
  const fitting = Object.entries(RPO_SECONDS).filter(([, one]) => one <= seconds);
  return fitting.at(-1)?.[0] ?? "Five_Minutes";
}

export const INTERVAL_MINUTES: Readonly<Record<string, number>> = {
  Five_Minutes: 5,
  Fifteen_Minutes: 15,
  Thirty_Minutes: 30,
  One_Hour: 60,
  Two_Hours: 120,
  Three_Hours: 180,
  Four_Hours: 240,
  Six_Hours: 360,
  Eight_Hours: 480,
  Twelve_Hours: 720,
  One_Day: 1_440,
};

/** The word of an interval, the next shorter one for others; null: the rule goes by a time of day. */
export function intervalWord(minutes: number | null): string | null {
  if (minutes === null) return null;
  const fitting = Object.entries(INTERVAL_MINUTES).filter(([, one]) => one <= minutes);
  return fitting.at(-1)?.[0] ?? "Five_Minutes";
}

/** By position: 1 = Monday. */
export const DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"] as const;

/** The upper case words are deprecated there, and still read by clients. */
export const JOB_STATES = {
  queued: "QUEUED",
  running: "IN_PROGRESS",
  succeeded: "COMPLETED",
  failed: "FAILED",
  cancelled: "SKIPPED",
} as const;

export const JOB_PHASES = {
  queued: "Queued",
  running: "In_Progress",
  succeeded: "Completed",
  failed: "Failed",
  cancelled: "Skipped",
} as const;

/** What people see of a word. */
export const localized = (word: string) => word.replaceAll("_", " ");
