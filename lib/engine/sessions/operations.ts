import { TwincoreError } from "@/lib/errors";
import type { SessionOperation, SessionRole, SessionState } from "./schemas";
import { NAMES } from "./state";

/** What decides whether an operation is allowed. */
export interface SessionFacts {
  readonly side: "source" | "target";
  readonly role: SessionRole;
  readonly state: SessionState;
  /** A failover test goes on, on either side. */
  readonly isTesting: boolean;
  /** On this core. */
  readonly isTestHere: boolean;
  /** Both sides were written and nobody has chosen yet. */
  readonly isDiverged: boolean;
  /** The other core did not answer when it was asked last. */
  readonly isLinkDown: boolean;
}

/** What a caller says besides the operation itself. */
export interface OperationOptions {
  readonly force?: boolean;
  readonly useTestCopy?: boolean;
}

/** Why an operation is refused; doors tell refusals apart by `detail`. */
export interface Refusal {
  readonly detail: "wrong-side" | "wrong-state" | "test-running" | "diverged" | "link-down";
  readonly message: string;
}

interface OperationRow {
  readonly roles: readonly SessionRole[];
  readonly states: readonly SessionState[];
  /** The state at once, and the one it comes to rest in; null: it changes none. */
  readonly through: SessionState | null;
  readonly ends: SessionState | null;
  /** Refused while a failover test goes on. */
  readonly notWhileTesting?: true;
  /** Refused after both sides were written, until a person has chosen. */
  readonly notWhileDiverged?: true;
  /** Refused while the other core does not answer. */
  readonly needsLink?: true;
}

const BOTH = ["source", "destination"] as const;
const COPYING = ["initializing", "ok", "synchronizing", "system_paused"] as const;
/** Between the order and the end of what it began. */
const LIVING = [
  ...COPYING,
  "pausing",
  "paused",
  "resuming",
  "failing_over",
  "failing_over_for_dr",
  "failed_over",
  "reprotecting",
] as const;

/** Which operation a session takes, where and when: the one table that verbs, pages and doors go by. */
export const OPERATIONS: Readonly<Record<SessionOperation, OperationRow>> = {
  sync: {
    roles: BOTH,
    states: [...COPYING, "resuming", "reprotecting"],
    through: "synchronizing",
    ends: "ok",
  },
  pause: {
    roles: BOTH,
    // Again while it is paused: the other side is told once more.
    states: [...COPYING, "resuming", "pausing", "paused"],
    through: "pausing",
    ends: "paused",
  },
  resume: {
    roles: BOTH,
    // Out of system_paused it only means: now.
    states: ["pausing", "paused", "resuming", "system_paused"],
    through: "resuming",
    ends: "ok",
    needsLink: true,
  },
  fail_over_planned: {
    roles: ["source"],
    states: ["ok", "synchronizing", "system_paused"],
    through: "failing_over",
    ends: "failed_over",
    notWhileTesting: true,
    notWhileDiverged: true,
    needsLink: true,
  },
  fail_over_unplanned: {
    roles: ["destination"],
    states: LIVING,
    through: "failing_over_for_dr",
    ends: "failed_over",
    notWhileTesting: true,
  },
  reprotect: {
    roles: ["source"],
    states: ["failed_over"],
    through: "reprotecting",
    ends: "ok",
    notWhileDiverged: true,
  },
  fail_back: {
    roles: BOTH,
    states: ["failed_over", "ok", "synchronizing", "system_paused"],
    through: "reprotecting",
    ends: "ok",
    notWhileTesting: true,
    notWhileDiverged: true,
    needsLink: true,
  },
  start_failover_test: {
    roles: ["destination"],
    states: ["ok", "synchronizing", "paused", "system_paused"],
    through: null,
    ends: null,
    notWhileTesting: true,
  },
  stop_failover_test: { roles: BOTH, states: LIVING, through: null, ends: null },
  resolve_divergence: { roles: BOTH, states: LIVING, through: null, ends: "failed_over" },
};

/** Why the operation is refused just now; null: it is allowed. The side is looked at first, then the state, then what else stands in the way. */
export function refusalOf(
  facts: SessionFacts,
  operation: SessionOperation,
  options: OperationOptions = {},
): Refusal | null {
  const row = OPERATIONS[operation];
  const again = operation === "fail_over_unplanned" && options.force === true && facts.state === "failed_over";
  if (!again && !row.roles.includes(facts.role)) return wrongSide(facts);
  if (operation === "stop_failover_test" && !facts.isTestHere)
    return facts.isTesting || facts.role === "source"
      ? wrongSide(facts)
      : { detail: "wrong-state", message: "No failover test goes on." };
  if (operation === "fail_back" && isFirstDirection(facts))
    return {
      detail: "wrong-state",
      message: "The agent is current on the core that it came from. There is nothing to fail back.",
    };
  if (!again && !row.states.includes(facts.state)) return wrongState(facts.state, row);
  return hindrance(facts, operation, row, options);
}

/** Throws `conflict`, with the reason and its short word, when the operation is not allowed just now. */
export function assertOperation(facts: SessionFacts, operation: SessionOperation, options?: OperationOptions): void {
  const refusal = refusalOf(facts, operation, options);
  if (refusal) throw new TwincoreError("conflict", refusal.message, { detail: refusal.detail });
}

/** Every operation and whether it is allowed just now, for pages and doors. */
export function allowedOperations(facts: SessionFacts) {
  return (Object.keys(OPERATIONS) as SessionOperation[]).map((operation) => {
    const refusal = refusalOf(facts, operation, { useTestCopy: true });
    return {
      operation,
      allowed: refusal === null,
      reason: refusal?.message ?? null,
      detail: refusal?.detail ?? null,
    };
  });
}

/** The side that calls is the source, as before the first failover. */
const isFirstDirection = ({ side, role }: SessionFacts): boolean => (side === "source") === (role === "source");

function wrongSide({ role }: SessionFacts): Refusal {
  const message =
    role === "source"
      ? "This core is current for the agent. The order is one for the other core."
      : "The other core is current for the agent. Give the order there.";
  return { detail: "wrong-side", message };
}

function wrongState(state: SessionState, { states }: OperationRow): Refusal {
  const wanted = new Intl.ListFormat("en", { type: "disjunction" }).format(states.map((one) => NAMES[one]));
  return { detail: "wrong-state", message: `The replication session ${NAMES[state]}. This takes one that ${wanted}.` };
}

function hindrance(
  facts: SessionFacts,
  operation: SessionOperation,
  row: OperationRow,
  options: OperationOptions,
): Refusal | null {
  if (operation === "resolve_divergence" && !facts.isDiverged)
    return { detail: "wrong-state", message: "The two cores do not differ. There is nothing to choose." };
  const taken = operation === "fail_over_unplanned" && options.useTestCopy === true;
  if (row.notWhileTesting && facts.isTesting && !taken)
    return {
      detail: "test-running",
      message: "A failover test goes on. Stop it first; the other core hears of that within a minute.",
    };
  if (row.notWhileDiverged && facts.isDiverged)
    return {
      detail: "diverged",
      message: "Both cores were written since the failover. Choose first which points stay.",
    };
  // Going on at once on this side alone takes no other core.
  const alone = operation === "resume" && facts.state === "system_paused";
  if (row.needsLink && facts.isLinkDown && !alone)
    return { detail: "link-down", message: "The other core does not answer. Wait until it is heard again." };
  return null;
}
