import { beforeEach, describe, expect, it } from "vitest";
import { acknowledgeAlert, ListAlertsInput, listAlerts, raiseAlert, watch } from "@/lib/engine/alerts";
import type { EngineContext } from "@/lib/engine/context";
import { pairCores } from "../../support/pair";
import { PeerCore } from "../../support/peer-core";

const source = await PeerCore.start("source");
const target = await PeerCore.start("target");
const pair = await pairCores(source, target);
const { prisma } = source.db;
const [agentId = ""] = pair.agentIds;
const session = await prisma.replicationSession.findFirstOrThrow({ where: { agentId } });
const start = Date.now();
const minutes = (count: number) => count * 60_000;
const update = (data: object, core = source) =>
  core.db.prisma.replicationSession.updateMany({ where: { agentId }, data });
const list = async (core = source, input: object = {}) =>
  (await listAlerts(core.ctx(), ListAlertsInput.parse({ state: "current", limit: 200, ...input }))).items;
const kinds = async (core = source) => (await list(core)).map(({ kind }) => kind).sort();
const FINE = {
  state: "ok",
  pausedBy: null,
  rpoSeconds: 3600,
  newestPointAt: new Date(start),
  lastSuccessAt: new Date(start),
  nextRunAt: null,
  consecutiveFailures: 0,
  failureMessage: null,
};

beforeEach(async () => {
  for (const core of [source, target]) {
    core.aheadMs = 0;
    await core.db.prisma.alert.deleteMany();
    await update(FINE, core);
  }
});

describe("the watch", () => {
  it("follows a session from well to at risk to behind to silent, and clears all of it with the next success", async () => {
    const seen: string[][] = [];
    for (const at of [10, 50, 70, 125]) {
      source.aheadMs = minutes(at);
      await watch(source.ctx());
      seen.push(await kinds());
    }
    expect(seen).toEqual([[], ["rpo-at-risk"], ["rpo-breached"], ["no-success", "rpo-breached"]]);
    const now = new Date(start + minutes(125));
    await update({ newestPointAt: now, lastSuccessAt: now });
    await watch(source.ctx());
    expect(await kinds()).toEqual([]);
    const cleared = await list(source, { state: "cleared" });
    expect(cleared.map(({ kind }) => kind).sort()).toEqual(["no-success", "rpo-at-risk", "rpo-breached"]);
  });

  it("raises on the target too, where a dead source raises nothing", async () => {
    target.aheadMs = minutes(125);
    await watch(target.ctx());
    const alerts = await list(target);
    expect(alerts.map(({ kind }) => kind).sort()).toEqual(["no-success", "rpo-breached"]);
    expect(alerts.every(({ tenantId }) => tenantId !== null)).toBe(true);
  });

  it("keeps one alert however often it looks, keeps its acknowledgement, and tells pages of it once", async () => {
    source.aheadMs = minutes(70);
    await watch(source.ctx());
    const [alert] = await list();
    await acknowledgeAlert(source.ctx(), { id: alert?.id ?? "" });
    await prisma.event.deleteMany();
    for (const _ of [1, 2, 3]) await watch(source.ctx());
    expect(await list()).toMatchObject([{ id: alert?.id, state: "acknowledged" }]);
    expect(await prisma.event.count({ where: { kind: "alert" } })).toBe(0);
    source.aheadMs = minutes(85);
    await watch(source.ctx());
    expect(Date.parse((await list())[0]?.lastSeenAt ?? "")).toBeGreaterThan(start + minutes(80));
  });

  it("leaves alone what others raised", async () => {
    await raiseAlert(prisma, source.ctx(), {
      kind: "diverged",
      severity: "critical",
      subjectKind: "session",
      subjectId: session.id,
      title: "Both sides of mail were written",
    });
    await watch(source.ctx());
    expect(await kinds()).toEqual(["diverged"]);
  });

  it("says of a paused session that it is paused", async () => {
    await update({ state: "paused", pausedBy: "source" });
    source.aheadMs = minutes(70);
    await watch(source.ctx());
    expect((await list())[0]?.detail).toContain("It is paused on the source.");
  });

  it("gives a session the patience of its rule", async () => {
    const rule = await prisma.replicationRule.create({
      data: { name: "patient", pairingId: pair.sourceId, rpoSeconds: 3600, alertThresholdMinutes: 30 },
    });
    await update({ replicationRuleId: rule.id });
    source.aheadMs = minutes(80);
    await watch(source.ctx());
    expect(await kinds()).toEqual(["rpo-at-risk"]);
    source.aheadMs = minutes(91);
    await watch(source.ctx());
    expect(await kinds()).toEqual(["rpo-breached"]);
    await update({ replicationRuleId: null });
  });

  it("says nothing of a session that has ended, and clears what was said", async () => {
    source.aheadMs = minutes(70);
    await watch(source.ctx());
    await update({ state: "ended" });
    await watch(source.ctx());
    expect(await kinds()).toEqual([]);
  });
});

describe("requests and certificates", () => {
  it("a request that waits for an hour is an alert until it is answered", async () => {
    const [{ id } = { id: "" }] = await target.db.prisma.pairing.createManyAndReturn({
      data: [{ side: "target", peerName: "new", requestKeyDigest: new Uint8Array(32), verificationCode: "A" }],
    });
    target.aheadMs = minutes(59);
    await watch(target.ctx());
    expect(await list(target, { kind: "pairing-waiting" })).toEqual([]);
    target.aheadMs = minutes(61);
    await watch(target.ctx());
    expect(await list(target, { kind: "pairing-waiting" })).toMatchObject([{ subject: { kind: "pairing", id } }]);
    await target.db.prisma.pairing.update({ where: { id }, data: { state: "denied" } });
    await watch(target.ctx());
    expect(await list(target, { kind: "pairing-waiting" })).toEqual([]);
  });

  it("a certificate that was not renewed is an alert on both sides, and gets more severe", async () => {
    const severity = async (core: PeerCore) => (await list(core, { kind: "certificate-expiring" }))[0]?.severity;
    for (const [days, expected] of [
      [15, undefined],
      [24, "warning"],
      [29.5, "critical"],
    ] as const)
      for (const core of [source, target]) {
        core.aheadMs = minutes(days * 24 * 60);
        await watch(core.ctx());
        expect(await severity(core)).toBe(expected);
      }
  });
});

describe("many sessions", () => {
  const many = async (count: number, data: object) => {
    const { tenantId, repositoryId } = await prisma.agent.findUniqueOrThrow({ where: { id: agentId } });
    const agents = await prisma.agent.createManyAndReturn({
      data: Array.from({ length: count }, (_, at) => ({ name: `many ${at}`, hostName: "", tenantId, repositoryId })),
      select: { id: true },
    });
    await prisma.replicationSession.createMany({
      data: agents.map(({ id }) => ({
        ...FINE,
        ...data,
        state: "ok" as const,
        side: "source" as const,
        agentId: id,
        pairingId: pair.sourceId,
      })),
    });
    return () => prisma.agent.deleteMany({ where: { id: { in: agents.map(({ id }) => id) } } });
  };

  it("that fail together are one alert, of their pairing", async () => {
    const remove = await many(5, { consecutiveFailures: 4, failureMessage: "The other core does not answer." });
    await watch(source.ctx());
    expect(await list()).toMatchObject([
      {
        kind: "session-failing",
        subject: { kind: "pairing", id: pair.sourceId },
        count: 4,
        detail: "The other core does not answer.",
      },
    ]);
    await remove();
    await update({ consecutiveFailures: 4, failureMessage: "Disk." });
    await watch(source.ctx());
    expect(await list()).toMatchObject([{ kind: "session-failing", subject: { kind: "session", id: session.id } }]);
  });

  it("of ten thousand that are behind have one alert each, for a few statements", async () => {
    await many(10_000, {});
    source.aheadMs = minutes(70);
    const { ctx, statements } = counting(source.ctx());
    await watch(ctx);
    expect(await prisma.alert.count({ where: { clearedAt: null, kind: "rpo-breached" } })).toBe(10_001);
    expect(statements()).toBeLessThan(30);
    await prisma.replicationSession.updateMany({ data: { newestPointAt: new Date(start + minutes(69)) } });
    await watch(source.ctx());
    expect(await prisma.alert.count({ where: { clearedAt: null } })).toBe(0);
  }, 120_000);
});

/** Counts what is asked of the database: raw statements and transactions. */
function counting(ctx: EngineContext): { ctx: EngineContext; statements: () => number } {
  let count = 0;
  const prisma = new Proxy(ctx.db.prisma, {
    get: (client, property) => {
      if (property === "$queryRaw" || property === "$transaction") count++;
      return Reflect.get(client, property);
    },
  });
  return { ctx: { ...ctx, db: { ...ctx.db, prisma } }, statements: () => count };
}
