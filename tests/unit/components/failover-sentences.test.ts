import { describe, expect, it } from "vitest";
import * as sentences from "@/components/sessions/failover/sentences";
import { minutesOf } from "@/components/sessions/failover/test-flows";
import { direction, isFetching } from "@/components/sessions/words";
import type { SessionDetail } from "@/lib/engine/sessions/schemas";

const session = (part: Partial<SessionDetail> = {}) =>
  ({
    side: "source",
    role: "source",
    state: "ok",
    agent: { id: "a", name: "web-01" },
    peer: { pairingId: "p", name: "Vault" },
    divergence: { here: { points: [], total: 2 }, there: { points: [], total: 1 } },
    ...part,
  }) as SessionDetail;

const all = ({ will, willNot }: sentences.Sentences) => [...will, ...willNot];

describe("what an order says before it is given", () => {
  it("is made of sentences, names the agent, and always says what is not touched", () => {
    for (const said of [
      sentences.plannedFailover(session(), true),
      sentences.plannedFailover(session(), false),
      sentences.unplannedFailover(session(), "newest", "today"),
      sentences.unplannedFailover(session(), "point", null),
      sentences.unplannedFailover(session(), "test", null),
      sentences.reprotect(session()),
      sentences.failBack(session({ role: "destination" })),
      sentences.startTest(session(), 30),
      sentences.stopTest(session(), true),
      sentences.resolve(session(), "there"),
    ]) {
      expect(said.willNot.length).toBeGreaterThan(0);
      for (const sentence of all(said)) expect(sentence).toMatch(/^(web-01|[“A-Z]).*\.$/);
      expect(all(said).join(" ")).toContain("web-01");
    }
  });

  it("never promises that an unplanned failover loses nothing", () => {
    const { will, willNot } = sentences.unplannedFailover(session({ role: "destination" }), "newest", "10:00");
    expect(will.join(" ")).toContain("of 10:00");
    expect(willNot.join(" ")).toContain("is not on this core");
    expect(willNot.join(" ")).toContain("is not stopped");
  });

  it("says which core is which on either side of a failback", () => {
    const here = sentences.failBack(session({ side: "source", role: "destination", state: "failed_over" }));
    expect(here.will[0]).toBe("First this core gets every recovery point that Vault has made since.");
    expect(here.will[1]).toContain("Captures on Vault stop");
    const there = sentences.failBack(session({ side: "target", role: "source", state: "ok" }));
    expect(there.will[0]).toContain("Captures on this core stop");
    expect(there.will[0]).toContain("Vault is current for web-01 again");
  });

  it("counts what is set aside on the side that loses", () => {
    expect(sentences.resolve(session(), "here").will[1]).toContain("The 1 recovery point that only Vault has");
    expect(sentences.resolve(session(), "there").will[1]).toContain("The 2 recovery points that only this core has");
  });
});

it.each([
  ["", null],
  [" 15 ", 15],
  ["0", undefined],
  ["1.5", undefined],
  ["a while", undefined],
  ["99999999", undefined],
])("%j minutes of a test are %s", (text, minutes) => expect(minutesOf(text)).toBe(minutes));

it("the direction turns with the role, and a run fetches when the calling core follows", () => {
  expect(direction(session())).toBe("to Vault");
  expect(direction(session({ role: "destination" }))).toBe("from Vault");
  expect(isFetching(session({ side: "source", role: "destination" }))).toBe(true);
  expect(isFetching(session({ side: "target", role: "source" }))).toBe(true);
  expect(isFetching(session({ side: "target", role: "destination" }))).toBe(false);
});
