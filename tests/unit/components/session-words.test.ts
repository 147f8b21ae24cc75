import { describe, expect, it } from "vitest";
import { lagOf, limitSentence, runShare, worstFirst } from "@/components/sessions/words";
import type { RunReport, SessionSummary } from "@/lib/engine/sessions/schemas";
import { LimitedBy } from "@/lib/engine/sessions/schemas";

const session = (part: Partial<SessionSummary>) =>
  ({ state: "ok", failure: null, lagSeconds: 60, rpoSeconds: 3600, ...part }) as SessionSummary;

describe("lag against the RPO", () => {
  it.each([
    [null, "none", "Nothing replicated yet"],
    [600, "within", "10 min of 1 h"],
    [3000, "near", "50 min of 1 h"],
    [3600, "near", "1 h of 1 h"],
    [3601, "behind", "1 h, over the RPO of 1 h"],
  ] as const)("%s s is %s", (lagSeconds, kind, text) => {
    expect(lagOf({ lagSeconds, rpoSeconds: 3600 })).toMatchObject({ kind, text });
  });
});

it("failing sessions come first, then those furthest behind, ended ones last", () => {
  const ended = session({ state: "ended", lagSeconds: 99_999 });
  const failing = session({ failure: { code: "unavailable", message: "" }, lagSeconds: 10 });
  const behind = session({ lagSeconds: 7200 });
  const fine = session({ lagSeconds: 5 });
  expect([ended, fine, behind, failing].sort(worstFirst)).toEqual([failing, behind, fine, ended]);
});

it("whatever binds a run has a sentence, and the cap names its figure", () => {
  for (const limitedBy of LimitedBy.options) expect(limitSentence(limitedBy, null)).toMatch(/\.$/);
  expect(limitSentence("rate-cap", 2 ** 20)).toContain("1 MiB/s");
});

describe("how far a run is", () => {
  const run = (part: Partial<RunReport>) => ({ state: "running", bytesDone: 0, bytesTotal: 0, ...part }) as RunReport;
  it("is unknown while the total is", () => expect(runShare(run({}))).toBeNull());
  it("is all of it once it succeeded, also when there was nothing to do", () =>
    expect(runShare(run({ state: "succeeded" }))).toBe(1));
  it("never passes the whole", () => expect(runShare(run({ bytesDone: 9, bytesTotal: 8 }))).toBe(1));
});
