import { conflict } from "@/lib/errors";
import type { SessionState } from "./schemas";

/** From where a session may go where. `ended` is final for runs and people; only a target that takes the agent in anew begins the session again. */
const MOVES: Record<SessionState, readonly SessionState[]> = {
  initializing: [
    "synchronizing",
    "ok",
    "pausing",
    "paused",
    "system_paused",
    "failing_over_for_dr",
    "deleting",
    "ended",
  ],
  ok: [
    "synchronizing",
    "pausing",
    "paused",
    "system_paused",
    "failing_over",
    "failing_over_for_dr",
    "deleting",
    "ended",
  ],
  synchronizing: [
    "ok",
    "initializing",
    "pausing",
    "paused",
    "system_paused",
    "failing_over",
    "failing_over_for_dr",
    "deleting",
    "ended",
  ],
  pausing: ["paused", "failing_over_for_dr", "deleting", "ended"],
  paused: [
    "resuming",
    "ok",
    "initializing",
    "synchronizing",
    "system_paused",
    "failing_over_for_dr",
    "deleting",
    "ended",
  ],
  resuming: [
    "ok",
    "initializing",
    "synchronizing",
    "system_paused",
    "paused",
    "failing_over_for_dr",
    "deleting",
    "ended",
  ],
  system_paused: [
    "synchronizing",
    "ok",
    "initializing",
    "pausing",
    "paused",
    "failing_over",
    "failing_over_for_dr",
    "deleting",
    "ended",
  ],
  failing_over: ["failed_over", "system_paused", "failing_over_for_dr", "deleting", "ended"],
  failing_over_for_dr: ["failed_over", "deleting", "ended"],
  failed_over: ["reprotecting", "failing_over_for_dr", "deleting", "ended"],
  reprotecting: ["ok", "synchronizing", "system_paused", "paused", "failing_over_for_dr", "deleting", "ended"],
  deleting: ["ended"],
  ended: [],
};

const NAMES: Record<SessionState, string> = {
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

/** Where a session rests when nothing is under way. */
export const restingState = (hasCopy: boolean): SessionState => (hasCopy ? "ok" : "initializing");

const FIRST_DELAY_SECONDS = 5;
const LAST_DELAY_SECONDS = 300;

/** How long to wait before the next try after so many failures in a row: 5 s, doubled each time, at most 5 minutes. */
export function retryDelaySeconds(consecutiveFailures: number): number {
  const doubled = FIRST_DELAY_SECONDS * 2 ** Math.min(10, Math.max(0, consecutiveFailures - 1));
  return Math.min(LAST_DELAY_SECONDS, doubled);
}
