import { describe, expect, it } from "vitest";
import { judgeQuotas } from "@/lib/engine/alerts/watch/judge-quota";
import { limitOf, refusalWords, stateOf, worse } from "@/lib/engine/quotas/judge";
import type { QuotaReport } from "@/lib/engine/quotas/schemas";
import { SetQuotaInput } from "@/lib/engine/quotas/schemas";

const GB = 1024 ** 3;
const limits = (softBytes: number | null, hardBytes: number | null, overageBytes = 0) => ({
  softBytes,
  hardBytes,
  overageBytes,
});

describe("the state of a quota", () => {
  it.each([
    [0, null, "none"],
    [79, limits(80, 100, 10), "ok"],
    [80, limits(80, 100, 10), "soft"],
    [99, limits(80, 100, 10), "soft"],
    [100, limits(80, 100, 10), "hard"],
    [109, limits(80, 100, 10), "hard"],
    [110, limits(80, 100, 10), "over"],
    [100, limits(80, 100), "over"],
    [99, limits(null, 100), "ok"],
    [1_000, limits(80, null), "soft"],
    [79, limits(80, null), "ok"],
  ] as const)("of %d used bytes under %o is %s", (used, given, state) => {
    expect(stateOf(used, given)).toBe(state);
  });

  it("of two meters is the worse", () => {
    expect(worse("soft", "over")).toBe("over");
    expect(worse("hard", "ok")).toBe("hard");
    expect(worse("none", "ok")).toBe("ok");
  });

  it("refuses beyond hard and overage only", () => {
    expect(limitOf(limits(1, 100, 10))).toBe(110);
    expect(limitOf(limits(1, null))).toBeNull();
  });
});

describe("the words of a refusal", () => {
  it("say whose quota, which, how much, what would come and what helps", () => {
    const words = refusalWords({
      whose: "the tenant “Acme”",
      meter: "stored",
      limits: limits(null, 10 * GB, GB),
      usedBytes: 10.5 * GB,
      wouldBytes: 12.5 * GB,
    });
    expect(words).toMatch(
      /^The quota of the tenant “Acme” for stored data has no room: 10\.5 GiB of 10 GiB and 1 GiB of overage/,
    );
    expect(words).toContain("2 GiB more would come");
    expect(words).toContain("goes on by itself");
  });

  it("do not speak of more where a point only does not lower what is used", () => {
    const given = { whose: "this agent", meter: "protected" as const, limits: limits(null, GB) };
    expect(refusalWords({ ...given, usedBytes: 2 * GB, wouldBytes: 2 * GB })).toContain("does not lower");
  });
});

describe("what may be set", () => {
  const tenantId = "01980000-0000-7000-8000-000000000001";
  const base = { tenantId, meter: "stored" };
  it.each([
    ["soft above hard", { ...base, softBytes: 2, hardBytes: 1 }],
    ["neither soft nor hard", base],
    ["overage without hard", { ...base, softBytes: 1, overageBytes: 1 }],
    ["of both a tenant and an agent", { ...base, agentId: tenantId, hardBytes: 1 }],
    ["of nobody", { meter: "stored", hardBytes: 1 }],
    ["nothing at all", { ...base, hardBytes: 0 }],
    ["less than nothing", { ...base, hardBytes: 5, overageBytes: -1 }],
    ["a part of a byte", { ...base, hardBytes: 1.5 }],
    ["more than can be counted", { ...base, hardBytes: 2 ** 60 }],
  ])("is not %s", (_what, input) => {
    expect(SetQuotaInput.safeParse(input).success).toBe(false);
  });

  it("is soft, hard, or both, with overage", () => {
    for (const input of [{ softBytes: 1 }, { hardBytes: 1 }, { softBytes: 1, hardBytes: 1, overageBytes: 5 }])
      expect(SetQuotaInput.safeParse({ ...base, ...input }).success).toBe(true);
  });
});

describe("the alert", () => {
  const report = (state: QuotaReport["state"], changes: Partial<QuotaReport> = {}): QuotaReport => ({
    meter: "stored",
    usedBytes: 90 * GB,
    softBytes: 80 * GB,
    hardBytes: 100 * GB,
    overageBytes: 0,
    state,
    predictedExhaustionAt: null,
    ...changes,
  });
  const id = "01980000-0000-7000-8000-000000000001";
  const judge = (quotas: QuotaReport[], waiting = 0) =>
    judgeQuotas({ kind: "tenant", id, name: "Acme", tenantId: id, quotas, waiting });

  it("is none while all is well", () => {
    expect(judge([report("ok"), report("none")])).toBeNull();
  });

  it("warns from the soft quota on, with the day on which it will be used up", () => {
    const alert = judge([report("soft", { predictedExhaustionAt: "2026-12-24T08:00:00.000Z" })]);
    expect(alert).toMatchObject({ kind: "quota-soft", severity: "warning", subjectKind: "tenant", subjectId: id });
    expect(alert?.detail).toContain("90 GiB of 100 GiB");
    expect(alert?.detail).toContain("2026-12-24");
  });

  it.each(["hard", "over"] as const)("is critical when the quota is %s, and the worse meter names it", (state) => {
    const alert = judge([report("soft"), report(state, { meter: "protected" })]);
    expect(alert).toMatchObject({ kind: "quota-hard", severity: "critical" });
    expect(alert?.title).toContain("protected data");
  });

  it("is critical when something is refused because more would come than fits", () => {
    const alert = judge([report("ok")], 2);
    expect(alert).toMatchObject({ kind: "quota-hard", severity: "critical" });
    expect(alert?.detail).toContain("2 agents are refused");
  });
});
