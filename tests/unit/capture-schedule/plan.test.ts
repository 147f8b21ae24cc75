import { describe, expect, it } from "vitest";
import { type AgentSchedule, type PlannedRule, planCapture } from "@/lib/engine/capture-schedule/plan";

const MINUTE_MS = 60_000;
const at = (text: string) => new Date(`2026-11-21T${text}Z`);
const rule = (id: string, intervalMinutes: number, more: Partial<PlannedRule> = {}): PlannedRule => ({
  id,
  intervalMinutes,
  timeOfDay: null,
  daysOfWeek: [],
  timeZone: "UTC",
  retentionHours: 24,
  retentionCount: null,
  ...more,
});
const schedule = (more: Partial<AgentSchedule> = {}): AgentSchedule => ({
  units: [{ volumeIds: ["disk"], rules: [rule("hourly", 60)] }],
  cycle: null,
  scheduledUpTo: at("10:00:00"),
  ...more,
});

describe("a schedule", () => {
  it("asks for nothing before its slot, and says when to look again", () => {
    expect(planCapture(schedule(), at("10:59:59"))).toEqual({ capture: null, nextAt: at("11:00:00") });
  });

  it("asks for one capture at its slot, and for none a moment later", () => {
    const plan = planCapture(schedule(), at("11:00:00"));
    expect(plan).toMatchObject({ capture: { origin: "scheduled", volumeIds: ["disk"] }, nextAt: at("12:00:00") });
    expect(planCapture(schedule({ scheduledUpTo: at("11:00:00") }), at("11:00:01")).capture).toBeNull();
  });

  it("catches up once, however many slots were missed", () => {
    const now = new Date(at("10:00:00").getTime() + 1000 * 60 * MINUTE_MS + 1);
    const plan = planCapture(schedule(), now);
    expect(plan.capture).not.toBeNull();
    expect(planCapture(schedule({ scheduledUpTo: now }), new Date(now.getTime() + 1)).capture).toBeNull();
  });

  it("credits a moment that several rules share to the one that keeps longest", () => {
    const rules = [rule("a", 60), rule("b", 30, { retentionHours: 720 }), rule("c", 60, { retentionHours: 48 })];
    const shared = schedule({ units: [{ volumeIds: ["disk"], rules }] });
    expect(planCapture(shared, at("11:00:00")).capture?.rule?.id).toBe("b");
    const forever = schedule({
      units: [{ volumeIds: ["disk"], rules: [...rules, rule("d", 60, { retentionHours: null })] }],
    });
    expect(planCapture(forever, at("11:00:00")).capture?.rule?.id).toBe("d");
  });

  it("captures only the volumes whose rules are due", () => {
    const units = [
      { volumeIds: ["a", "b"], rules: [rule("hourly", 60)] },
      { volumeIds: ["c"], rules: [rule("often", 15)] },
    ];
    expect(planCapture(schedule({ units }), at("10:15:00")).capture?.volumeIds).toEqual(["c"]);
    expect(planCapture(schedule({ units }), at("11:00:00")).capture?.volumeIds).toEqual(["a", "b", "c"]);
  });
});

describe("a cycle of replication", () => {
  const cycle = (newestAt: Date | null) =>
    schedule({ units: [{ volumeIds: ["disk"], rules: [] }], cycle: { rpoSeconds: 3600, newestAt } });

  it("begins at once when there is no point, and then every half RPO", () => {
    expect(planCapture(cycle(null), at("10:00:00"))).toMatchObject({
      capture: { origin: "replication", rule: null },
      nextAt: at("10:30:00"),
    });
    expect(planCapture(cycle(at("10:00:00")), at("10:10:00"))).toEqual({ capture: null, nextAt: at("10:30:00") });
    expect(planCapture(cycle(at("10:00:00")), at("10:30:00")).capture).not.toBeNull();
  });

  it("makes no point of its own while snapshot rules make enough", () => {
    const both = schedule({ cycle: { rpoSeconds: 7200, newestAt: at("10:00:00") } });
    expect(planCapture(both, at("11:00:00")).capture).toMatchObject({ origin: "scheduled" });
  });

  it("does not stop for a point of the future, nor ask again at once for what could not be made", () => {
    expect(planCapture(cycle(at("23:00:00")), at("10:00:00"))).toEqual({ capture: null, nextAt: at("10:30:00") });
    expect(planCapture(cycle(null), at("10:00:00")).nextAt).toEqual(at("10:30:00"));
  });
});
