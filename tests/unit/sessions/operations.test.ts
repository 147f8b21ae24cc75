import { describe, expect, it } from "vitest";
import {
  allowedOperations,
  assertOperation,
  OPERATIONS,
  refusalOf,
  type SessionFacts,
} from "@/lib/engine/sessions/operations";
import { SessionOperation, SessionState } from "@/lib/engine/sessions/schemas";
import { assertTransition, canMove } from "@/lib/engine/sessions/state";

const facts = (part: Partial<SessionFacts>): SessionFacts => ({
  side: "source",
  role: "source",
  state: "ok",
  isTesting: false,
  isTestHere: false,
  isDiverged: false,
  isLinkDown: false,
  ...part,
});

const COPYING = ["initializing", "ok", "synchronizing", "system_paused"];
const LIVING = SessionState.options.filter((state) => state !== "deleting" && state !== "ended");

/** Said once more, apart from the code: in which states each operation is taken where. */
const TAKEN: Record<SessionOperation, { source: string[]; destination: string[] }> = {
  sync: both([...COPYING, "resuming", "reprotecting"]),
  pause: both([...COPYING, "resuming", "pausing", "paused"]),
  resume: both(["pausing", "paused", "resuming", "system_paused"]),
  fail_over_planned: { source: ["ok", "synchronizing", "system_paused"], destination: [] },
  fail_over_unplanned: { source: [], destination: LIVING },
  reprotect: { source: ["failed_over"], destination: [] },
  // Only after a failover: see below.
  fail_back: both([]),
  start_failover_test: { source: [], destination: ["ok", "synchronizing", "paused", "system_paused"] },
  // Only while one goes on: see below.
  stop_failover_test: both([]),
  resolve_divergence: both([]),
};

function both(states: string[]) {
  return { source: states, destination: states };
}

describe.each(SessionOperation.options)("%s", (operation) => {
  it.each(["source", "destination"] as const)("is taken where the role is %s in exactly these states", (role) => {
    const side = role === "source" ? "source" : "target";
    const taken = SessionState.options.filter((state) => refusalOf(facts({ side, role, state }), operation) === null);
    expect(taken.sort()).toEqual([...TAKEN[operation][role]].sort());
  });

  it("says where it belongs before it says when", () => {
    for (const role of ["source", "destination"] as const)
      if (!OPERATIONS[operation].roles.includes(role))
        expect(refusalOf(facts({ role, state: "ended" }), operation)?.detail).toBe("wrong-side");
  });

  it("is refused with a sentence and a conflict for a session that has ended", () => {
    for (const role of ["source", "destination"] as const)
      expect(() => assertOperation(facts({ role, state: "ended" }), operation)).toThrow(
        expect.objectContaining({ code: "conflict", message: expect.stringMatching(/\.$/) }),
      );
  });
});

describe("what stands in the way", () => {
  it.each([
    ["fail_over_planned", { isTesting: true }, "test-running"],
    ["fail_over_planned", { isDiverged: true }, "diverged"],
    ["fail_over_planned", { isLinkDown: true }, "link-down"],
    ["fail_over_unplanned", { role: "destination", isTesting: true }, "test-running"],
    ["reprotect", { state: "failed_over", isDiverged: true }, "diverged"],
    ["resume", { state: "paused", isLinkDown: true }, "link-down"],
    ["start_failover_test", { role: "destination", isTesting: true }, "test-running"],
    ["stop_failover_test", { role: "source", isTesting: true }, "wrong-side"],
    ["stop_failover_test", { role: "destination" }, "wrong-state"],
    ["fail_back", { role: "source", side: "source", state: "failed_over" }, "wrong-state"],
    ["resolve_divergence", { state: "failed_over" }, "wrong-state"],
  ] as const)("%s with %o is refused: %s", (operation, part, detail) => {
    expect(refusalOf(facts(part), operation)?.detail).toBe(detail);
  });

  it.each([
    ["fail_over_unplanned", { role: "destination", isTesting: true }, { useTestCopy: true }],
    ["fail_over_unplanned", { role: "source", state: "failed_over" }, { force: true }],
    ["fail_over_unplanned", { role: "destination", isLinkDown: true, state: "paused" }, {}],
    ["pause", { isLinkDown: true }, {}],
    ["resume", { state: "system_paused", isLinkDown: true }, {}],
    ["stop_failover_test", { role: "destination", isTesting: true, isTestHere: true }, {}],
    ["fail_back", { role: "destination", side: "source", state: "failed_over" }, {}],
    ["fail_back", { role: "source", side: "target", state: "ok" }, {}],
    ["resolve_divergence", { isDiverged: true, state: "failed_over" }, {}],
  ] as const)("%s with %o and %o is taken", (operation, part, options) => {
    expect(refusalOf(facts(part), operation, options)).toBeNull();
  });
});

it("pages and doors are told of every operation, with a reason for each that is refused", () => {
  const told = allowedOperations(facts({ state: "failing_over" }));
  expect(told.map(({ operation }) => operation).sort()).toEqual([...SessionOperation.options].sort());
  for (const { allowed, reason, detail } of told) {
    expect(reason === null).toBe(allowed);
    expect(detail === null).toBe(allowed);
  }
});

describe("moves between states", () => {
  it("nothing leads out of an ended session, and to its end everything does", () => {
    for (const state of SessionState.options) {
      if (state !== "ended") expect(() => assertTransition("ended", state)).toThrow("has ended");
      expect(canMove(state, "ended")).toBe(true);
    }
  });

  it("from a failover only the way back, or the way on without the other core, is open", () => {
    const from = SessionState.options.filter((state) => canMove("failed_over", state) && state !== "failed_over");
    expect(from.sort()).toEqual(["deleting", "ended", "failing_over_for_dr", "reprotecting"]);
  });

  it("a planned failover either succeeds, waits for people, or is overtaken", () => {
    const from = SessionState.options.filter((state) => canMove("failing_over", state) && state !== "failing_over");
    expect(from.sort()).toEqual(["deleting", "ended", "failed_over", "failing_over_for_dr", "system_paused"]);
  });
});
