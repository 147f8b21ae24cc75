import { randomUUID } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import { listAlerts, watch } from "@/lib/engine/alerts";
import {
  getAgentQuotas,
  getTenantQuotas,
  removeQuota,
  reserveStored,
  setQuota,
  sweepQuotas,
} from "@/lib/engine/quotas";
import { SetQuotaInput } from "@/lib/engine/quotas/schemas";
import { deleteRecoveryPoint } from "@/lib/engine/recovery-points";
import { getReplicatedAgents } from "@/lib/engine/replication/ability";
import { hearTargets } from "@/lib/engine/sessions";
import { failOver } from "../pull/failed-over";
import { noise } from "../replication/records";
import { TwoCores } from "../replication/two-cores";

const MiB = 1024 * 1024;

/** As an administrator of the target would. */
const set = (cores: TwoCores, input: Record<string, unknown>, core = cores.target) =>
  setQuota(core.ctx, SetQuotaInput.parse({ meter: "stored", ...input }));

const openAlerts = async (cores: TwoCores) => {
  await watch(cores.target.as({ kind: "system" }));
  const { items } = await listAlerts(cores.target.ctx, { state: "current", limit: 50 });
  return items.filter(({ kind }) => kind.startsWith("quota-"));
};

const wishes = async (cores: TwoCores) =>
  (await getReplicatedAgents(cores.peerCtx)).agents.map((one) => one.isRunRequested);

describe("an agent's hard quota", () => {
  let cores: TwoCores;
  const disk = noise("agent", 4 * MiB);
  let pointId = "";
  beforeAll(async () => {
    cores = await TwoCores.start();
    await set(cores, { agentId: cores.ids.agentId, hardBytes: 3 * MiB });
    pointId = await cores.capture({ disk });
    await cores.run();
  });

  it("refuses new data before any of it is sent", async () => {
    expect(cores.calls).toContain("negotiate");
    expect(cores.calls).not.toContain("transfer");
    expect(await cores.storedRecords()).toEqual({ records: 0, bytes: 0, packs: 0 });
  });

  it("tells the people of both cores whose quota, which and how much", async () => {
    const words =
      /The quota of this agent for stored data has no room: 0 B of 3(\.0)? MiB are in use, and 4(\.0)? MiB more/;
    expect((await cores.newestRun()).pauseReason).toMatch(words);
    expect(await cores.sourceSession()).toMatchObject({
      state: "system_paused",
      failureCode: "storage_full",
      failureMessage: expect.stringMatching(words),
    });
    expect(await cores.targetSession()).toMatchObject({
      state: "system_paused",
      failureMessage: expect.stringMatching(words),
    });
    expect((await getAgentQuotas(cores.target.ctx, cores.ids)).waiting?.message).toMatch(words);
    expect(await openAlerts(cores)).toMatchObject([
      { kind: "quota-hard", severity: "critical", subject: { kind: "agent", id: cores.ids.agentId } },
    ]);
  });

  it("tries again by itself, later each time, and the source is not asked to while there is no room", async () => {
    const session = await cores.sourceSession();
    expect(session.nextRunAt?.getTime()).toBeGreaterThan(Date.now());
    await sweepQuotas(cores.target.as({ kind: "system" }));
    expect(await wishes(cores)).toEqual([false]);
  });

  it("that is raised lets the run go on when the source asks next, which it does each minute", async () => {
    await set(cores, { agentId: cores.ids.agentId, hardBytes: 64 * MiB });
    expect(await wishes(cores)).toEqual([true]);
    await hearTargets(cores.source.as({ kind: "system" }), cores.connect);
    const { nextRunAt } = await cores.sourceSession();
    expect(nextRunAt?.getTime()).toBeLessThanOrEqual(Date.now());
    await cores.run();
    await cores.expectOnTarget(pointId, { disk });
    expect(await cores.newestRun()).toMatchObject({ state: "succeeded" });
    expect(await wishes(cores)).toEqual([false]);
    expect((await getAgentQuotas(cores.target.ctx, cores.ids)).waiting).toBeNull();
    expect(await openAlerts(cores)).toEqual([]);
  });

  it("lets the run go on when recovery points were deleted, too", async () => {
    const next = noise("agent, changed", 4 * MiB);
    await set(cores, { agentId: cores.ids.agentId, hardBytes: 5 * MiB });
    const nextId = await cores.capture({ disk: next });
    await cores.run();
    expect(await cores.newestRun()).toMatchObject({ state: "paused" });
    expect(await wishes(cores)).toEqual([false]);
    for (const core of [cores.source, cores.target])
      await deleteRecoveryPoint(core.as({ kind: "system" }), { id: pointId });
    expect(await wishes(cores)).toEqual([true]);
    await cores.run();
    await cores.expectOnTarget(nextId, { disk: next });
  });

  it("counts as used what is stored, and nothing that was only promised stays behind", async () => {
    const { quotas } = await getAgentQuotas(cores.target.ctx, cores.ids);
    const { _sum } = await cores.target.db.prisma.recoveryPoint.aggregate({ _sum: { storedBytes: true } });
    expect(quotas.find(({ meter }) => meter === "stored")?.usedBytes).toBe(Number(_sum.storedBytes));
    expect(await cores.target.db.prisma.arrivingBytes.count()).toBe(0);
  });
});

describe("a tenant's quota", () => {
  let cores: TwoCores;
  beforeAll(async () => {
    cores = await TwoCores.start();
  });
  const tenantId = () => cores.target.tenantId;

  it("that is soft warns, with the reason, and lets everything through", async () => {
    await set(cores, { tenantId: tenantId(), softBytes: 1 * MiB, hardBytes: 100 * MiB });
    const disk = noise("soft", 2 * MiB);
    const pointId = await cores.capture({ disk });
    await cores.run();
    await cores.expectOnTarget(pointId, { disk });
    expect(await openAlerts(cores)).toMatchObject([
      { kind: "quota-soft", severity: "warning", subject: { kind: "tenant", id: tenantId() } },
    ]);
    await set(cores, { tenantId: tenantId(), softBytes: 50 * MiB, hardBytes: 100 * MiB });
    expect(await openAlerts(cores)).toEqual([]);
  });

  it("is exceeded up to its overage, with a critical alert, and no further", async () => {
    await set(cores, { tenantId: tenantId(), hardBytes: 3 * MiB, overageBytes: 2 * MiB });
    const within = noise("overage", 2 * MiB);
    const pointId = await cores.capture({ disk: within });
    await cores.run();
    await cores.expectOnTarget(pointId, { disk: within });
    const { quotas } = await getTenantQuotas(cores.target.ctx, { tenantId: tenantId() });
    expect(quotas[0]).toMatchObject({ meter: "stored", state: "hard", hardBytes: 3 * MiB, overageBytes: 2 * MiB });
    expect(await openAlerts(cores)).toMatchObject([{ kind: "quota-hard", severity: "critical" }]);
    const { records } = await cores.storedRecords();
    await cores.capture({ disk: noise("beyond", 2 * MiB) });
    await cores.run();
    expect(await cores.newestRun()).toMatchObject({
      state: "paused",
      pauseReason: expect.stringContaining("The quota of the tenant “target” for stored data"),
    });
    expect((await cores.storedRecords()).records).toBe(records);
    const { waiting } = await getTenantQuotas(cores.target.ctx, { tenantId: tenantId() });
    expect(waiting).toMatchObject([{ agent: { id: cores.ids.agentId }, meter: "stored" }]);
  });

  it("that is removed lets the run go on", async () => {
    await removeQuota(cores.target.ctx, { tenantId: tenantId(), meter: "stored" });
    expect(await wishes(cores)).toEqual([true]);
    await cores.run();
    expect(await cores.newestRun()).toMatchObject({ state: "succeeded" });
    await expect(removeQuota(cores.target.ctx, { tenantId: tenantId(), meter: "stored" })).rejects.toMatchObject({
      code: "not_found",
    });
  });

  it("is never given out twice, however many agents ask at once", async () => {
    const { prisma } = cores.target.db;
    const { repositoryId } = cores.target;
    const tenant = await prisma.tenant.create({ data: { name: "Crowd" } });
    const agents = await Promise.all(
      ["one", "two"].map((name) =>
        prisma.agent.create({ data: { name, hostName: name, tenantId: tenant.id, repositoryId } }),
      ),
    );
    await set(cores, { tenantId: tenant.id, hardBytes: 10 * MiB });
    const asked = await Promise.allSettled(
      Array.from({ length: 24 }, (_, at) =>
        reserveStored(cores.target.ctx, { agentId: agents[at % 2]?.id ?? "", tenantId: tenant.id }, MiB),
      ),
    );
    const given = asked.filter((one) => one.status === "fulfilled");
    expect(given).toHaveLength(10);
    for (const { value: release } of given) await release();
    await expect(
      reserveStored(cores.target.ctx, { agentId: agents[0]?.id ?? "", tenantId: tenant.id }, 10 * MiB),
    ).resolves.toBeTypeOf("function");
  });

  it("is not known of an id that is nobody's", async () => {
    for (const whose of [{ tenantId: randomUUID() }, { agentId: randomUUID() }])
      await expect(set(cores, { ...whose, hardBytes: 1 })).rejects.toMatchObject({ code: "not_found" });
    await expect(getTenantQuotas(cores.target.ctx, { tenantId: randomUUID() })).rejects.toMatchObject({
      code: "not_found",
    });
    await expect(getAgentQuotas(cores.target.ctx, { agentId: randomUUID() })).rejects.toMatchObject({
      code: "not_found",
    });
  });
});

describe("a quota on protected bytes", () => {
  let cores: TwoCores;
  beforeAll(async () => {
    cores = await TwoCores.start();
  });

  it("refuses a point whose logical bytes do not fit before one of its keys is offered", async () => {
    await set(cores, { agentId: cores.ids.agentId, meter: "protected", hardBytes: 2 * MiB });
    await cores.capture({ disk: noise("protected", 3 * MiB) });
    await cores.run();
    expect(cores.calls).not.toContain("negotiate");
    expect((await cores.newestRun()).pauseReason).toMatch(/for protected data has no room: 0 B of 2(\.0)? MiB/);
    expect(await wishes(cores)).toEqual([false]);
  });

  it("takes it when there is room, and a later one of the same size in its place", async () => {
    await set(cores, { agentId: cores.ids.agentId, meter: "protected", hardBytes: 3 * MiB });
    expect(await wishes(cores)).toEqual([true]);
    await cores.run();
    const changed = noise("protected, changed", 3 * MiB);
    const second = await cores.capture({ disk: changed });
    await cores.run();
    await cores.expectOnTarget(second, { disk: changed });
    await cores.capture({ disk: noise("larger", 3 * MiB + 16 * 1024) });
    await cores.run();
    expect(await cores.newestRun()).toMatchObject({
      state: "paused",
      pauseReason: expect.stringContaining("protected"),
    });
  });

  it("counts an agent once with its newest point, and a copy of a machine not at all", async () => {
    const { quotas } = await getAgentQuotas(cores.target.ctx, cores.ids);
    expect(quotas.find(({ meter }) => meter === "protected")?.usedBytes).toBe(3 * MiB);
    await cores.target.db.prisma.agent.update({ where: { id: cores.ids.agentId }, data: { kind: "set_aside" } });
    const copy = await getAgentQuotas(cores.target.ctx, cores.ids);
    expect(copy.quotas.find(({ meter }) => meter === "protected")?.usedBytes).toBe(0);
  });
});

describe("an agent that does not ask for room any more", () => {
  it("is not said to wait for it: its alert is cleared, and its session rests", async () => {
    const cores = await TwoCores.start();
    await set(cores, { agentId: cores.ids.agentId, hardBytes: MiB });
    const pointId = await cores.capture({ disk: noise("given up", 2 * MiB) });
    await cores.run();
    expect(await openAlerts(cores)).toHaveLength(1);
    await deleteRecoveryPoint(cores.source.as({ kind: "system" }), { id: pointId });
    await sweepQuotas(cores.target.as({ kind: "system" }));
    expect((await getAgentQuotas(cores.target.ctx, cores.ids)).waiting).not.toBeNull();
    cores.target.aheadMs += 31 * 60_000;
    await sweepQuotas(cores.target.as({ kind: "system" }));
    expect((await getAgentQuotas(cores.target.ctx, cores.ids)).waiting).toBeNull();
    expect(await cores.targetSession()).toMatchObject({ state: "initializing", failureMessage: null });
    expect(await openAlerts(cores)).toEqual([]);
  });
});

describe("a core that fetches after a failover", () => {
  it("keeps to its quotas, and goes on by itself when there is room", async () => {
    const cores = await TwoCores.start();
    await cores.capture({ disk: noise("before", 64 * 1024) });
    await cores.run();
    await failOver(cores);
    const disk = noise("fetched", 2 * MiB);
    const { captureBytes } = await import("../replication/records");
    const volumeId = cores.ids.volumeIds.disk ?? "";
    const pointId = await captureBytes(cores.target.ctx, cores.ids.agentId, [{ volumeId, name: "disk", bytes: disk }]);
    await set(cores, { agentId: cores.ids.agentId, hardBytes: MiB }, cores.source);
    await cores.run();
    expect(await cores.newestRun()).toMatchObject({ state: "paused", pauseReason: expect.stringContaining("quota") });
    expect(await cores.source.db.prisma.recoveryPoint.count({ where: { id: pointId } })).toBe(0);
    await set(cores, { agentId: cores.ids.agentId, hardBytes: 10 * MiB }, cores.source);
    expect((await cores.sourceSession()).nextRunAt?.getTime()).toBeLessThanOrEqual(Date.now());
    await cores.run();
    expect(await cores.source.db.prisma.recoveryPoint.count({ where: { id: pointId } })).toBe(1);
    expect(await cores.source.db.prisma.arrivingBytes.count()).toBe(0);
  });
});
