import { describe, expect, it } from "vitest";
import { listAgents, runAgentDeletion } from "@/lib/engine/agents";
import {
  cloneRecoveryPoint,
  createTestCopy,
  removeTestCopy,
  setAsidePoints,
  sweepTestCopies,
} from "@/lib/engine/point-copies";
import { deleteRecoveryPoint } from "@/lib/engine/recovery-points";
import { readDocument } from "@/lib/engine/recovery-points/document";
import { ensureDomain } from "@/lib/engine/repositories/open";
import { startCapture } from "@/lib/engine/tasks";
import { measureAgents } from "@/lib/engine/usage/measure-agents";
import { captureBytes, noise, readBytes } from "../replication/records";
import { TwoCores } from "../replication/two-cores";

const KiB = 1024;

async function machine() {
  const cores = await TwoCores.start(["disk", "data"]);
  const { source: core } = cores;
  const { agentId } = cores.ids;
  const domain = async (id: string) =>
    ensureDomain(core.ctx, await core.db.prisma.agent.findUniqueOrThrow({ where: { id } }));
  const counted = async () => (await core.db.pool.query("select count(*)::int as n from record")).rows[0].n as number;
  const volumes = (seed: string) => ({ disk: noise(seed, 200 * KiB), data: noise("same", 90 * KiB) });
  const points = (id = agentId) =>
    core.db.prisma.recoveryPoint.findMany({ where: { agentId: id }, orderBy: { sequence: "asc" } });
  return { cores, core, agentId, domain, counted, volumes, points };
}

describe("a copy of a recovery point", () => {
  it("is the newest of its agent, shows the same bytes, stores no record, and outlives the original", async () => {
    const { cores, core, agentId, counted, volumes, points } = await machine();
    const old = await cores.capture(volumes("old"));
    await cores.capture(volumes("new"));
    const before = await counted();
    const { recoveryPointId } = await cloneRecoveryPoint(core.ctx, {
      recoveryPointId: old,
      toAgentId: agentId,
      label: "again",
    });
    expect((await points()).map(({ sequence }) => sequence)).toEqual([1n, 2n, 3n]);
    expect((await points()).at(-1)).toMatchObject({
      id: recoveryPointId,
      storedBytes: 0n,
      label: "again",
      skippedCount: 1,
    });
    expect(await counted()).toBe(before);
    await deleteRecoveryPoint(core.ctx, { id: old });
    const bytes = await readBytes(core.ctx, recoveryPointId);
    expect(bytes.get("disk")?.equals(volumes("old").disk)).toBe(true);
    expect(bytes.get("data")?.equals(volumes("old").data)).toBe(true);
  });

  it("is made several times at once, each with a number of its own", async () => {
    const { cores, core, agentId, volumes, points } = await machine();
    const of = await cores.capture(volumes("old"));
    await Promise.all(
      [1, 2, 3, 4].map(() => cloneRecoveryPoint(core.ctx, { recoveryPointId: of, toAgentId: agentId })),
    );
    expect((await points()).map(({ sequence }) => sequence)).toEqual([1n, 2n, 3n, 4n, 5n]);
  });

  it("never crosses to another tenant, and nothing of it stays behind", async () => {
    const { cores, core, volumes } = await machine();
    const of = await cores.capture(volumes("old"));
    const tenant = await core.db.prisma.tenant.create({ data: { name: "other" } });
    const other = await core.db.prisma.agent.create({
      data: { name: "other", hostName: "", tenantId: tenant.id, repositoryId: core.repositoryId },
    });
    await expect(cloneRecoveryPoint(core.ctx, { recoveryPointId: of, toAgentId: other.id })).rejects.toMatchObject({
      code: "invalid_input",
    });
    expect(await core.db.prisma.volume.count({ where: { agentId: other.id } })).toBe(0);
  });

  it("is not made of a point whose records are lost, and leaves no manifest", async () => {
    const { cores, core, agentId, domain, volumes, points } = await machine();
    const of = await cores.capture(volumes("old"));
    await core.db.pool.query("delete from record where digest = (select digest from record limit 1)");
    await expect(cloneRecoveryPoint(core.ctx, { recoveryPointId: of, toAgentId: agentId })).rejects.toMatchObject({
      code: "integrity",
    });
    expect(await points()).toHaveLength(1);
    const { storage, prefix } = await domain(agentId);
    let manifests = 0;
    for await (const _ of storage.list(`${prefix}manifests/`)) manifests++;
    expect(manifests).toBe(2);
  });
});

describe("a test copy", () => {
  it("takes captures that store only what changed, leaves the machine as it is, and goes without a trace", async () => {
    const { cores, core, agentId, counted, volumes, points } = await machine();
    const of = await cores.capture(volumes("old"));
    const copy = await createTestCopy(core.ctx, { agentId, recoveryPointId: of, name: "machine (test)" });
    expect((await readBytes(core.ctx, copy.recoveryPointId)).get("disk")?.equals(volumes("old").disk)).toBe(true);
    const agent = await core.db.prisma.agent.findUniqueOrThrow({
      where: { id: copy.agentId },
      include: { volumes: true },
    });
    expect(agent).toMatchObject({ kind: "test_copy", parentId: agentId, leadPairingId: null, pairingId: null });
    const before = await counted();
    const changed = Buffer.from(volumes("old").disk);
    noise("change", 16 * KiB).copy(changed, 32 * KiB);
    const disk = agent.volumes.find(({ name }) => name === "disk");
    await captureBytes(core.ctx, copy.agentId, [{ volumeId: disk?.id ?? "", name: "disk", bytes: changed }]);
    expect(await counted()).toBe(before + 1);
    expect(await points()).toHaveLength(1);
    const { items } = await listAgents(core.ctx, { limit: 10 });
    expect(items.find(({ id }) => id === copy.agentId)).toMatchObject({ kind: "test_copy", parent: { id: agentId } });
    await measureAgents(core.ctx);
    const measured = await core.db.prisma.usageEntry.findMany({ where: { agentId: copy.agentId } });
    // Protected once, as the machine's; stored are the records that the test brought.
    expect(measured).toMatchObject([{ protectedBytes: 0n, recoveryPoints: 2 }]);
    expect((await listAgents(core.ctx, { limit: 10, origin: "local" })).items.map(({ id }) => id)).toEqual([agentId]);
    await removeTestCopy(core.ctx, { agentId: copy.agentId });
    await removeTestCopy(core.ctx, { agentId: copy.agentId });
    await runAgentDeletion(core.ctx, { agentId: copy.agentId, signal: new AbortController().signal });
    await removeTestCopy(core.ctx, { agentId: copy.agentId });
    expect(await core.db.prisma.agent.count()).toBe(1);
    expect((await readBytes(core.ctx, of)).get("disk")?.equals(volumes("old").disk)).toBe(true);
  });

  it("is never a machine: removing refuses one, and a copy of a copy is refused", async () => {
    const { cores, core, agentId, volumes } = await machine();
    const of = await cores.capture(volumes("old"));
    await expect(removeTestCopy(core.ctx, { agentId })).rejects.toMatchObject({ code: "conflict" });
    const copy = await createTestCopy(core.ctx, { agentId, recoveryPointId: of, name: "t" });
    await expect(
      createTestCopy(core.ctx, { agentId: copy.agentId, recoveryPointId: copy.recoveryPointId, name: "t" }),
    ).rejects.toMatchObject({ code: "conflict" });
  });

  it("that no session knows is swept away after an hour, and one in use is not", async () => {
    const { cores, core, agentId, volumes } = await machine();
    const of = await cores.capture(volumes("old"));
    const [left, used] = [
      await createTestCopy(core.ctx, { agentId, recoveryPointId: of, name: "left" }),
      await createTestCopy(core.ctx, { agentId, recoveryPointId: of, name: "used" }),
    ];
    await core.db.prisma.replicationSession.update({
      where: { id: cores.ids.sourceSessionId },
      data: { testAgentId: used.agentId },
    });
    await sweepTestCopies(core.ctx);
    expect(await core.db.prisma.agent.count({ where: { deletionAskedAt: { not: null } } })).toBe(0);
    core.aheadMs = 61 * 60_000;
    await sweepTestCopies(core.ctx);
    const going = await core.db.prisma.agent.findMany({
      where: { deletionAskedAt: { not: null } },
      select: { id: true },
    });
    expect(going).toEqual([{ id: left.agentId }]);
  });
});

describe("points that are set aside", () => {
  it("keep their bytes and ids under an agent of their own, and free their numbers", async () => {
    const { cores, core, agentId, domain, volumes, points } = await machine();
    const common = await cores.capture(volumes("common"));
    const lost = [await cores.capture(volumes("l1")), await cores.capture(volumes("l2"))];
    await core.db.prisma.replicationSession.update({
      where: { id: cores.ids.sourceSessionId },
      data: { newestPointId: lost[1] },
    });
    const reason = "the other side was kept";
    const { agentId: keeper } = await setAsidePoints(core.ctx, { agentId, recoveryPointIds: lost, reason });
    expect((await points()).map(({ id }) => id)).toEqual([common]);
    expect((await points(keeper)).map(({ id }) => id)).toEqual(lost);
    expect((await readBytes(core.ctx, lost[1] ?? "")).get("disk")?.equals(volumes("l2").disk)).toBe(true);
    expect((await cores.sourceSession()).newestPointId).toBe(common);
    const place = await domain(keeper);
    expect(await readDocument(place, keeper, lost[0] ?? "")).toMatchObject({ id: lost[0], agent: { id: keeper } });
    await expect(readDocument(place, agentId, lost[0] ?? "")).rejects.toMatchObject({ code: "not_found" });
    const again = await cores.capture(volumes("after"));
    expect((await points()).map(({ id, sequence }) => [id, sequence])).toEqual([
      [common, 1n],
      [again, 2n],
    ]);
    const agent = await core.db.prisma.agent.findUniqueOrThrow({ where: { id: keeper } });
    expect(agent.name).toMatch(/^machine \(set aside \d{4}-\d\d-\d\d\)$/);
    await expect(startCapture(core.ctx, { agentId: keeper })).rejects.toMatchObject({ code: "conflict" });
    // Again: they are where they were put.
    expect(await setAsidePoints(core.ctx, { agentId, recoveryPointIds: lost, reason })).toEqual({ agentId: keeper });
  });

  it("move once when two people ask at the same time", async () => {
    const { cores, core, agentId, volumes, points } = await machine();
    const ids = [await cores.capture(volumes("a")), await cores.capture(volumes("b"))];
    const ask = () => setAsidePoints(core.ctx, { agentId, recoveryPointIds: ids, reason: "asked twice" });
    const [one, two] = await Promise.all([ask(), ask()]);
    expect(await points()).toEqual([]);
    expect(await core.db.prisma.recoveryPoint.count({ where: { agentId: { in: [one.agentId, two.agentId] } } })).toBe(
      2,
    );
    for (const id of ids) await readBytes(core.ctx, id);
  });

  it("are only the agent's own", async () => {
    const { cores, core, volumes } = await machine();
    const id = await cores.capture(volumes("a"));
    const other = await core.db.prisma.agent.create({
      data: { name: "other", hostName: "", tenantId: core.tenantId, repositoryId: core.repositoryId },
    });
    await expect(
      setAsidePoints(core.ctx, { agentId: other.id, recoveryPointIds: [id], reason: "x" }),
    ).rejects.toMatchObject({ code: "not_found" });
  });
});
