import { randomUUID } from "node:crypto";
import { beforeEach, describe, expect, it } from "vitest";
import {
  acknowledgeAlert,
  acknowledgeAlerts,
  clearAlert,
  countAlerts,
  ListAlertsInput,
  listAlerts,
  type RaisedAlert,
  raiseAlert,
  sweepAlerts,
} from "@/lib/engine/alerts";
import { PeerCore, withAgents } from "../../support/peer-core";

const core = await PeerCore.start("watching");
const { agentIds, repositoryId } = await withAgents(core, ["mail"]);
const [agentId = ""] = agentIds;
const { prisma } = core.db;

const about = (more: Partial<RaisedAlert> = {}): RaisedAlert => ({
  kind: "points-lost",
  severity: "warning",
  subjectKind: "agent",
  subjectId: agentId,
  title: "Points of mail were lost",
  ...more,
});
const raise = (more?: Partial<RaisedAlert>) => raiseAlert(prisma, core.ctx(), about(more));
const list = async (input: object = {}) => (await listAlerts(core.ctx(), ListAlertsInput.parse(input))).items;
const only = async () => {
  const [alert, ...others] = await list();
  if (!alert || others.length > 0) throw new Error("there is not exactly one alert");
  return alert;
};
const minutes = (count: number) => count * 60_000;

beforeEach(async () => {
  core.aheadMs = 0;
  await prisma.alert.deleteMany();
  await prisma.event.deleteMany();
});

describe("an alert that is raised again", () => {
  it("stays one, counts, and says when it was last seen", async () => {
    await raise();
    core.aheadMs = minutes(5);
    await raise({ detail: "Two more." });
    const alert = await only();
    expect(alert).toMatchObject({ count: 2, detail: "Two more.", state: "open" });
    expect(Date.parse(alert.lastSeenAt) - Date.parse(alert.raisedAt)).toBeGreaterThanOrEqual(minutes(5) - 1_000);
  });

  it("stays one when many raise it at once", async () => {
    await Promise.all(Array.from({ length: 12 }, () => raise()));
    expect(await only()).toMatchObject({ count: 12 });
  });

  it("is open again when it gets more severe, and keeps its acknowledgement otherwise", async () => {
    await raise();
    await acknowledgeAlert(core.ctx(), { id: (await only()).id });
    await raise();
    expect(await only()).toMatchObject({ state: "acknowledged", severity: "warning" });
    await raise({ severity: "critical" });
    expect(await only()).toMatchObject({ state: "open", severity: "critical", acknowledgedBy: null });
  });

  it("never gets less severe while it lasts", async () => {
    await raise({ severity: "critical" });
    await raise({ severity: "info" });
    expect(await only()).toMatchObject({ severity: "critical" });
  });

  it("is another one after it was cleared", async () => {
    await raise();
    await clearAlert(prisma, core.ctx(), { kind: "points-lost", subjectId: agentId });
    await raise();
    expect((await list()).map(({ state, count }) => ({ state, count }))).toEqual(
      expect.arrayContaining([
        { state: "open", count: 1 },
        { state: "cleared", count: 1 },
      ]),
    );
  });

  it("is gone with the transaction of its caller", async () => {
    const failing = prisma.$transaction(async (tx) => {
      await raiseAlert(tx, core.ctx(), about());
      throw new Error("the caller's own work failed");
    });
    await expect(failing).rejects.toThrow("own work");
    expect(await list()).toEqual([]);
    expect(await prisma.event.count()).toBe(0);
  });
});

describe("an acknowledgement", () => {
  it("keeps who was first, is no error when repeated, and is in the audit trail once", async () => {
    await raise();
    const { id } = await only();
    const first = await acknowledgeAlert(core.ctx(), { id });
    const berta = { kind: "account", accountId: "1", name: "berta@example.com", role: "engineer" } as const;
    expect(await acknowledgeAlert(core.ctx(berta), { id })).toEqual(first);
    expect(first).toMatchObject({ state: "acknowledged", acknowledgedBy: "anna@example.com" });
    expect(await prisma.auditEntry.count({ where: { action: "alert.acknowledge", subject: id } })).toBe(1);
  });

  it("of a cleared alert changes nothing", async () => {
    await raise();
    const { id } = await only();
    await clearAlert(prisma, core.ctx(), { kind: "points-lost", subjectId: agentId });
    expect(await acknowledgeAlert(core.ctx(), { id })).toMatchObject({ state: "cleared", acknowledgedAt: null });
  });

  it("of an alert that is not there is not found", async () => {
    await expect(acknowledgeAlert(core.ctx(), { id: randomUUID() })).rejects.toMatchObject({ code: "not_found" });
  });

  it("of several is one step: those named, of a kind, or all; what somebody sees to already stays theirs", async () => {
    for (const subjectId of [randomUUID(), randomUUID(), randomUUID()]) await raise({ subjectId });
    await raise({ kind: "diverged", severity: "critical" });
    const [first] = await list({ kind: "points-lost" });
    const berta = { kind: "account", accountId: "1", name: "berta@example.com", role: "engineer" } as const;
    await acknowledgeAlert(core.ctx(berta), { id: first?.id ?? "", note: "I am at it." });
    expect(await acknowledgeAlerts(core.ctx(), { kind: "points-lost", note: "The disk was out." })).toEqual({
      acknowledged: 2,
    });
    expect(await acknowledgeAlerts(core.ctx(), { kind: "points-lost", note: "" })).toEqual({ acknowledged: 0 });
    expect((await list({ state: "open" })).map(({ kind }) => kind)).toEqual(["diverged"]);
    const notes = (await list({ kind: "points-lost" }))
      .map(({ acknowledgedBy, note }) => `${acknowledgedBy}: ${note}`)
      .sort();
    expect(notes).toEqual([
      "anna@example.com: The disk was out.",
      "anna@example.com: The disk was out.",
      "berta@example.com: I am at it.",
    ]);
    const ids = (await list({ state: "open" })).map(({ id }) => id);
    expect(await acknowledgeAlerts(core.ctx(), { ids: [...ids, randomUUID()], note: "" })).toEqual({ acknowledged: 1 });
    const [entry] = await prisma.auditEntry.findMany({
      where: { action: "alert.acknowledge", subject: "points-lost" },
    });
    expect(entry?.detail).toMatchObject({ count: 2, note: "The disk was out." });
  });

  it("has its word no more when the alert gets more severe", async () => {
    await raise();
    await acknowledgeAlert(core.ctx(), { id: (await only()).id, note: "It can wait." });
    await raise({ severity: "critical" });
    expect(await only()).toMatchObject({ state: "open", note: "" });
  });

  it("takes it out of the count of those that wait", async () => {
    await raise({ severity: "critical" });
    await raise({ kind: "diverged" });
    expect(await countAlerts(core.ctx(), {})).toEqual({ open: 2, openCritical: 1, acknowledged: 0 });
    const [newest] = await list({ severity: "critical" });
    await acknowledgeAlert(core.ctx(), { id: newest?.id ?? "" });
    expect(await countAlerts(core.ctx(), {})).toEqual({ open: 1, openCritical: 0, acknowledged: 1 });
  });
});

describe("the list", () => {
  it("turns its pages without losing or repeating an alert, also among those of one moment", async () => {
    const at = new Date();
    await prisma.alert.createMany({
      data: Array.from({ length: 25 }, (_, index) => ({
        kind: "points-lost",
        severity: "info" as const,
        subjectKind: "agent",
        subjectId: agentId,
        title: `number ${index}`,
        raisedAt: new Date(at.getTime() + Math.floor(index / 10)),
        clearedAt: at,
      })),
    });
    const seen: string[] = [];
    let cursor: string | null | undefined;
    do {
      const page = await listAlerts(core.ctx(), ListAlertsInput.parse({ limit: 7, cursor: cursor ?? undefined }));
      expect(page.total).toBe(25);
      seen.push(...page.items.map(({ id }) => id));
      cursor = page.nextCursor;
    } while (cursor);
    expect(seen).toHaveLength(25);
    expect(new Set(seen).size).toBe(25);
  });

  it.each([
    [{ state: "open" }, ["diverged"]],
    [{ state: "acknowledged" }, ["points-lost"]],
    [{ state: "current" }, ["diverged", "points-lost"]],
    [{ state: "cleared" }, ["no-success"]],
    [{ severity: "critical" }, ["diverged"]],
    [{ kind: "no-success" }, ["no-success"]],
    [{ subjectId: randomUUID() }, []],
    [{ tenantId: randomUUID() }, []],
  ])("of %o has those alone", async (filter, kinds) => {
    await raise();
    await acknowledgeAlert(core.ctx(), { id: (await only()).id });
    await raise({ kind: "diverged", severity: "critical" });
    await raise({ kind: "no-success" });
    await clearAlert(prisma, core.ctx(), { kind: "no-success", subjectId: agentId });
    expect((await list(filter)).map(({ kind }) => kind).sort()).toEqual(kinds);
  });

  it("refuses a cursor that it did not give out", async () => {
    await expect(list({ cursor: "'; drop table alert" })).rejects.toMatchObject({ code: "invalid_input" });
  });
});

describe("the sweep of alerts", () => {
  it("forgets what was cleared long ago, and nothing that is open", async () => {
    await raise();
    await raise({ kind: "diverged" });
    await clearAlert(prisma, core.ctx(), { kind: "diverged", subjectId: agentId });
    core.aheadMs = 93 * 86_400_000;
    await sweepAlerts(core.ctx());
    expect((await list()).map(({ kind }) => kind)).toEqual(["points-lost"]);
  });

  it("clears what is about something that was removed", async () => {
    await raise({ subjectKind: "repository", subjectId: repositoryId });
    await raise({ subjectKind: "repository", subjectId: randomUUID() });
    await raise({ kind: "diverged", subjectKind: "session", subjectId: randomUUID() });
    await raise({ kind: "pairing-waiting", subjectKind: "pairing", subjectId: randomUUID() });
    await sweepAlerts(core.ctx());
    expect((await list({ state: "current" })).map(({ subject }) => subject.id)).toEqual([repositoryId]);
  });
});
