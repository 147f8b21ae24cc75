import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { divergenceOf } from "@/lib/engine/sessions/compare";
import { SessionState } from "@/lib/engine/sessions/schemas";
import { sessionIdOf } from "@/lib/engine/sessions/session-id";
import { agree, isNewer, isPossible } from "@/lib/engine/sessions/views";

const standing = fc.record({
  epoch: fc.nat(3),
  revision: fc.nat(3),
  state: fc.constantFrom(...SessionState.options),
  pausedBy: fc.constantFrom("source" as const, "target" as const, null),
  steps: fc.constantFrom<("reprotect" | "fail-over")[]>([], ["reprotect"]),
  keepSide: fc.constantFrom("source" as const, "target" as const, null),
});
const roleAt = (epoch: number, side: "source" | "target") =>
  (epoch % 2 === 0) === (side === "source") ? ("source" as const) : ("destination" as const);

describe("two views of one session", () => {
  it("never each count more than the other, so that both cores come to the same", () => {
    fc.assert(
      fc.property(standing, standing, (a, b) => {
        const caller = { ...a, role: roleAt(a.epoch, "source") };
        const callee = { ...b, role: roleAt(b.epoch, "target") };
        const both = [isNewer(caller, callee), isNewer(callee, caller)];
        expect(both).not.toEqual([true, true]);
        if (!both[0] && !both[1]) expect(agree(caller, callee)).toBe(true);
      }),
    );
  });

  it("can name only one of both cores as current when the roles have changed equally often", () => {
    for (const epoch of [0, 1, 2, 3]) {
      const caller = (["source", "destination"] as const).filter((role) => isPossible({ epoch, role }, "source"));
      const callee = (["source", "destination"] as const).filter((role) => isPossible({ epoch, role }, "target"));
      expect([...caller, ...callee].sort()).toEqual(["destination", "source"]);
    }
  });
});

const point = (id: string, sequence: number) => ({ id, sequence, createdAt: "2026-11-21T00:00:00.000Z" });
const none = new Set<string>();

describe("what each side has alone", () => {
  it("is nothing to choose while only the core that is current went on", () => {
    const source = [point("b", 2), point("a", 1)];
    expect(divergenceOf({ source: [point("a", 1)], target: source, deleted: none, destination: "source" })).toBeNull();
  });

  it("is shown from the newest common point on, also when only the core that was current before has more", () => {
    const source = [point("x", 3), point("b", 2), point("a", 1)];
    const target = [point("b", 2), point("a", 1)];
    expect(divergenceOf({ source, target, deleted: none, destination: "source" })).toMatchObject({
      commonPointId: "b",
      source: { total: 1, points: [{ id: "x" }] },
      target: { total: 0 },
    });
  });

  it("leaves out points that one side deleted, and older ones that retention kept on one side only", () => {
    const source = [point("x", 4), point("b", 3), point("old", 1)];
    const target = [point("b", 3)];
    expect(divergenceOf({ source, target, deleted: new Set(["x"]), destination: "source" })).toBeNull();
  });

  it("is everything when nothing is common", () => {
    const found = divergenceOf({
      source: [point("x", 1)],
      target: [point("y", 1)],
      deleted: none,
      destination: "target",
    });
    expect(found).toMatchObject({ commonPointId: null, source: { total: 1 }, target: { total: 1 } });
  });
});

it("a session's id is a UUID that follows from the key of the pairing and the agent alone", () => {
  const key = Buffer.alloc(32, 7);
  const agentId = "01a1fec6-bd2c-743e-9957-cf92f46818ce";
  const id = sessionIdOf(key, agentId);
  expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(sessionIdOf(key, agentId.toUpperCase())).toBe(id);
  expect(sessionIdOf(Buffer.alloc(32, 8), agentId)).not.toBe(id);
  expect(sessionIdOf(key, "01a1fec6-bd2c-743e-9957-cf92f46818cf")).not.toBe(id);
});
