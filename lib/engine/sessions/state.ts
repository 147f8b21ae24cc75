import { conflict } from "@/lib/errors";
import type { SessionState } from "./schemas";

/** From where a session may go where. `ended` is final for runs and people; only a target that takes the agent in anew begins the session again. */
const ALWAYS = ["failing_over_for_dr", "failed_over", "deleting", "ended"] as const;
const CONTROL = ["pausing", "paused", "failing_over", ...ALWAYS] as const;
const MOVES: Record<SessionState, readonly SessionState[]> = {
  initializing: ["synchronizing", "ok", "resuming", "system_paused", ...CONTROL],
  ok: ["synchronizing", "initializing", "resuming", "system_paused", ...CONTROL],
  synchronizing: ["ok", "initializing", "resuming", "system_paused", ...CONTROL],
  pausing: ["paused", "resuming", "ok", "initializing", "system_paused", ...ALWAYS],
  paused: ["resuming", "ok", "initializing", "synchronizing", "system_paused", ...ALWAYS],
  resuming: ["ok", "initializing", "synchronizing", "system_paused", ...CONTROL],
  system_paused: ["synchronizing", "ok", "initializing", "resuming", ...CONTROL],
  failing_over: ["system_paused", ...ALWAYS],
  failing_over_for_dr: ["failed_over", "deleting", "ended"],
  failed_over: ["reprotecting", ...ALWAYS],
  reprotecting: ["ok", "initializing", "system_paused", ...ALWAYS],
  deleting: ["ended"],
  ended: [],
};

export const NAMES: Record<SessionState, string> = {
  initializing: "waits for its first copy",
  ok: "is up to date",
  synchronizing: "is copying",
  pausing: "is about to pause",
  paused: "is paused",
  resuming: "is about to go on",
  system_paused: "waits to try again",
  failing_over: "is failing over",
  failing_over_for_dr: "is failing over without its source",
  failed_over: "has failed over",
  reprotecting: "begins to copy the other way",
  deleting: "is being removed",
  ended: "has ended",
};

export const canMove = (from: SessionState, to: SessionState): boolean => from === to || MOVES[from].includes(to);

/** Throws `conflict` for a move that the table does not know. */
export function assertTransition(from: SessionState, to: SessionState): void {
  if (!canMove(from, to)) throw conflict(`The replication session ${NAMES[from]}; it cannot become "${to}".`);
}

/** States that only orders lead out of: what a run or its mirror says of its progress does not change them. */
const ORDERED: ReadonlySet<SessionState> = new Set<SessionState>([
  "pausing",
  "paused",
  "failing_over",
  "failing_over_for_dr",
  "failed_over",
  "reprotecting",
  "deleting",
  "ended",
]);
export const isOrdered = (state: SessionState): boolean => ORDERED.has(state);

/** States in which nothing is copied, whatever is asked of a run. A pause of the other side is asked for again and again instead. */
const AT_REST: ReadonlySet<SessionState> = new Set<SessionState>([
  "pausing",
  "failing_over_for_dr",
  "failed_over",
  "deleting",
  "ended",
]);
export const isAtRest = (session: { state: SessionState; pausedBy: string | null; side: string }): boolean =>
  AT_REST.has(session.state) || (session.state === "paused" && session.pausedBy === session.side);

/** Where a session rests when nothing is under way. */
export const restingState = (hasCopy: boolean): SessionState => (hasCopy ? "ok" : "initializing");

const FIRST_DELAY_SECONDS = 5;
const LAST_DELAY_SECONDS = 300;

/** How long to wait before the next try after so many failures in a row: 5 s, doubled each time, at most 5 minutes. */
export function retryDelaySeconds(consecutiveFailures: number): number {
  const doubled = FIRST_DELAY_SECONDS * 2 ** Math.min(10, Math.max(0, consecutiveFailures - 1));
  return Math.min(LAST_DELAY_SECONDS, doubled);
}
