import type { SessionOperation, SessionState } from "@/lib/engine/sessions/schemas";

/** The state table once more, apart from the code, as far as the commands of the model need it. */
const COPYING = ["initializing", "ok", "synchronizing", "system_paused"];

export interface Seen {
  readonly side: "source" | "target";
  readonly role: "source" | "destination";
  readonly state: SessionState;
  readonly isTesting: boolean;
  readonly isTestHere: boolean;
  readonly isDiverged: boolean;
  readonly isLinkDown: boolean;
  readonly hasPoints: boolean;
}

/** Would the contract take this order on a core that stands so? */
export function isLegal(seen: Seen, operation: SessionOperation): boolean {
  const { state, role } = seen;
  const living = state !== "deleting" && state !== "ended";
  switch (operation) {
    case "sync":
      return [...COPYING, "resuming", "reprotecting"].includes(state);
    case "pause":
      return [...COPYING, "resuming", "pausing", "paused"].includes(state);
    case "resume":
      return state === "system_paused" || (["pausing", "paused", "resuming"].includes(state) && !seen.isLinkDown);
    case "fail_over_planned":
      return (
        role === "source" &&
        ["ok", "synchronizing", "system_paused"].includes(state) &&
        !seen.isTesting &&
        !seen.isDiverged &&
        !seen.isLinkDown
      );
    case "fail_over_unplanned":
      return role === "destination" && living && !seen.isTesting && seen.hasPoints;
    case "reprotect":
      return role === "source" && state === "failed_over" && !seen.isDiverged;
    case "fail_back":
      return (
        (seen.side === "source") !== (role === "source") &&
        ["failed_over", "ok", "synchronizing", "system_paused"].includes(state) &&
        !seen.isTesting &&
        !seen.isDiverged &&
        !seen.isLinkDown
      );
    case "start_failover_test":
      return (
        role === "destination" &&
        ["ok", "synchronizing", "paused", "system_paused"].includes(state) &&
        !seen.isTesting &&
        seen.hasPoints
      );
    case "stop_failover_test":
      return seen.isTestHere && living;
    case "resolve_divergence":
      return seen.isDiverged && living;
    default:
      return operation satisfies never;
  }
}

/** Which states one core may go through by itself; what it takes over from the other one may be several steps further. */
const ORDERED_ENDS = ["failing_over_for_dr", "failed_over", "deleting", "ended"];
const ORDERS = ["pausing", "paused", "failing_over", ...ORDERED_ENDS];
export const STEPS: Readonly<Record<SessionState, readonly string[]>> = {
  initializing: ["synchronizing", "ok", "system_paused", "resuming", ...ORDERS],
  ok: ["synchronizing", "initializing", "system_paused", "resuming", ...ORDERS],
  synchronizing: ["ok", "initializing", "system_paused", "resuming", ...ORDERS],
  system_paused: ["ok", "initializing", "synchronizing", "resuming", ...ORDERS],
  resuming: ["ok", "initializing", "synchronizing", "system_paused", ...ORDERS],
  pausing: ["paused", "resuming", "ok", "initializing", "system_paused", ...ORDERED_ENDS],
  paused: ["resuming", "ok", "initializing", "synchronizing", "system_paused", ...ORDERED_ENDS],
  failing_over: ["system_paused", ...ORDERED_ENDS],
  failing_over_for_dr: ["failed_over", "deleting", "ended"],
  failed_over: ["reprotecting", ...ORDERED_ENDS],
  reprotecting: ["ok", "initializing", "system_paused", ...ORDERED_ENDS],
  deleting: ["ended"],
  ended: [],
};
