import { randomUUID } from "node:crypto";
import { beforeEach, describe, expect, it } from "vitest";
import { StorageUsageSummary } from "@/lib/engine/replication/peer-schemas";
import {
  getAgentUsage,
  getReplicatedAgentsUsage,
  getReportedRepositories,
  measureUsage,
  receiveMasterUsage,
} from "@/lib/engine/usage";
import { emptyLedger } from "../../support/ledger";
import { noise } from "../replication/records";
import { TwoCores } from "../replication/two-cores";

const cores = await TwoCores.start();
const { source, target, ids } = cores;
const HOUR_MS = 3_600_000;

beforeEach(async () => {
  target.aheadMs = 0;
  await emptyLedger(target.db);
  await target.db.prisma.repositoryReport.deleteMany();
});

const entries = (origin: "measured" | "reported") =>
  target.db.prisma.usageEntry.findMany({ where: { origin }, orderBy: { id: "asc" } });

describe("measuring agents", () => {
  it("writes what an agent occupies, again when it changed, and once a UTC day when it did not; and each time when it was", async () => {
    await cores.capture({ disk: noise("a", 40_000) });
    await cores.run();
    await measureUsage(target.ctx);
    const point = await target.db.prisma.recoveryPoint.findFirstOrThrow();
    expect(await entries("measured")).toMatchObject([
      {
        agentId: ids.agentId,
        protectedBytes: 40_000n,
        storedBytes: point.storedBytes,
        recoveryPoints: 1,
        newestPointAt: point.createdAt,
        oldestPointAt: point.createdAt,
        pairingId: ids.targetPairingId,
        tenantId: target.tenantId,
      },
    ]);
    await measureUsage(target.ctx);
    expect(await entries("measured")).toHaveLength(1);
    await cores.capture({ disk: noise("b", 50_000) });
    await cores.run();
    await measureUsage(target.ctx);
    expect(await entries("measured")).toMatchObject([{}, { protectedBytes: 50_000n, recoveryPoints: 2 }]);
    target.aheadMs = 24 * HOUR_MS;
    await measureUsage(target.ctx);
    await measureUsage(target.ctx);
    expect(await entries("measured")).toHaveLength(3);
    expect(await target.db.prisma.usageMeasurement.findMany()).toMatchObject(Array(5).fill({ agents: 1 }));
  });

  it("tells what crossed the network for an agent, on both sides", async () => {
    for (const core of [source, target]) {
      const { transferredBytes } = await core.db.prisma.agent.findUniqueOrThrow({ where: { id: ids.agentId } });
      // Two captures of 40,000 and 50,000 bytes that cannot be compressed, and not much beside them.
      expect(Number(transferredBytes)).toBeGreaterThan(90_000);
      expect(Number(transferredBytes)).toBeLessThan(120_000);
    }
  });

  it("twice at the same time writes one sample", async () => {
    await Promise.all([measureUsage(target.ctx), measureUsage(target.ctx), measureUsage(target.ctx)]);
    expect(await entries("measured")).toHaveLength(1);
  });

  it("ends what an agent used when it lies elsewhere, and when it is gone, with no byte of its transfers lost or told twice", async () => {
    const { id } = await foreignAgent();
    const change = (data: object) => target.db.prisma.agent.update({ where: { id }, data });
    await change({ transferredBytes: 5n });
    await measureUsage(target.ctx);
    const other = await target.db.prisma.tenant.create({ data: { name: "moved to" } });
    await change({ tenantId: other.id, transferredBytes: 9n });
    await measureUsage(target.ctx);
    await target.db.prisma.agent.delete({ where: { id } });
    await measureUsage(target.ctx);
    await measureUsage(target.ctx);
    const own = (await entries("measured")).filter((entry) => entry.agentId === id);
    expect(own).toMatchObject([
      { tenantId: target.tenantId, isEnd: false, transferredBytes: 5n, agents: 1 },
      { tenantId: target.tenantId, isEnd: true, transferredBytes: 9n, agents: 0 },
      { tenantId: other.id, isEnd: false, transferredBytes: 9n },
      { tenantId: other.id, isEnd: true, transferredBytes: 9n },
    ]);
  });
});

describe("the ledger", () => {
  it("is never edited, and of its rows only those go that are old and rolled up for good", async () => {
    await measureUsage(target.ctx);
    const { usageEntry, usageMeasurement, usageMonth } = target.db.prisma;
    await expect(usageEntry.updateMany({ data: { protectedBytes: 1n } })).rejects.toThrow(/append-only/);
    await expect(usageEntry.deleteMany()).rejects.toThrow(/append-only/);
    await expect(usageMeasurement.deleteMany()).rejects.toThrow(/append-only/);
    await expect(target.db.prisma.$executeRaw`truncate usage_entry`).rejects.toThrow();
    await emptyLedger(target.db);
    const at = new Date(Date.now() - 401 * 24 * HOUR_MS);
    await usageEntry.create({ data: { at, origin: "measured", ...blank() } });
    await expect(usageEntry.deleteMany()).rejects.toThrow(/append-only/);
    const month = { tenantId: target.tenantId, month: "2025-10", timeZone: "UTC", beginsAt: at, endsAt: at };
    await usageMonth.create({ data: { ...month, finalTo: new Date(at.getTime() + 1) } });
    expect(await usageEntry.deleteMany()).toEqual({ count: 1 });
    await usageMonth.deleteMany();
  });
});

const blank = () => ({
  agentId: "00000000-0000-4000-8000-000000000001",
  agentName: "gone",
  hostName: "",
  tenantId: target.tenantId,
  protectedBytes: 1n,
  recoveryPoints: 1,
});

describe("what a source asks of the ledger", () => {
  it("is the newest sample of its own agents, measured now where there is none", async () => {
    await foreignAgent();
    const { agents } = await getReplicatedAgentsUsage(cores.peerCtx);
    expect(agents).toMatchObject([{ id: ids.agentId, recoveryPointCount: 2, totalBytesProtected: 50_000 }]);
    expect(await entries("measured")).toHaveLength(1);
    const [{ id: _, ...entry } = { id: 0n }] = await entries("measured");
    await target.db.prisma.usageEntry.create({
      data: { ...blank(), origin: "measured", at: new Date(), ...entry, recoveryPoints: 7 },
    });
    expect((await getReplicatedAgentsUsage(cores.peerCtx)).agents).toMatchObject([{ recoveryPointCount: 7 }]);
  });
});

async function foreignAgent() {
  const agent = { name: "other", hostName: "", tenantId: target.tenantId, repositoryId: target.repositoryId };
  return target.db.prisma.agent.create({ data: agent });
}

const summary = (change: object = {}): StorageUsageSummary =>
  StorageUsageSummary.parse({
    agents: [
      {
        id: ids.agentId,
        displayName: "machine",
        hostName: "",
        newestRpTimestamp: "2026-01-02T03:04:05Z",
        oldestRpTimestamp: null,
        recoveryPointCount: 3,
        totalBytesProtected: 9_000,
        ...change,
      },
    ],
    repositories: [{ id: "00000000-0000-4000-8000-00000000000a", name: "main", bytesFree: 5, bytesUsed: 6 }],
  });

describe("what a source says of its own storage", () => {
  it("is written once however often it is said, and again after an hour", async () => {
    await Promise.all([1, 2, 3].map(() => receiveMasterUsage(cores.peerCtx, summary())));
    await receiveMasterUsage(cores.peerCtx, summary());
    expect(await entries("reported")).toMatchObject([{ protectedBytes: 9_000n, recoveryPoints: 3, storedBytes: null }]);
    expect(await target.db.prisma.repositoryReport.count()).toBe(1);
    target.aheadMs = HOUR_MS;
    await receiveMasterUsage(cores.peerCtx, summary());
    expect(await entries("reported")).toHaveLength(2);
    expect(await target.db.prisma.repositoryReport.count()).toBe(2);
  });

  it("is one word within a minute, the first one; nobody fills the ledger by talking", async () => {
    for (const recoveryPointCount of [1, 2, 3])
      await receiveMasterUsage(cores.peerCtx, summary({ recoveryPointCount }));
    expect(await entries("reported")).toMatchObject([{ recoveryPoints: 1 }]);
    target.aheadMs = 61_000;
    await receiveMasterUsage(cores.peerCtx, summary({ recoveryPointCount: 4 }));
    expect(await entries("reported")).toMatchObject([{ recoveryPoints: 1 }, { recoveryPoints: 4 }]);
  });

  it("of agents that are not its own is not kept", async () => {
    const { id } = await foreignAgent();
    await receiveMasterUsage(cores.peerCtx, summary({ id }));
    await receiveMasterUsage(cores.peerCtx, summary({ id: randomUUID() }));
    expect(await entries("reported")).toEqual([]);
  });

  it("is shown beside what was counted here", async () => {
    await measureUsage(target.ctx);
    await receiveMasterUsage(cores.peerCtx, summary());
    expect(await getAgentUsage(target.ctx, { id: ids.agentId })).toMatchObject({
      measured: [{ recoveryPoints: 2, protectedBytes: 50_000 }],
      reported: [{ recoveryPoints: 3, protectedBytes: 9_000, storedBytes: null }],
    });
    expect(await getReportedRepositories(target.ctx, { id: ids.targetPairingId })).toMatchObject({
      repositories: [{ name: "main", bytesFree: 5, bytesUsed: 6 }],
    });
    await expect(getAgentUsage(target.ctx, { id: randomUUID() })).rejects.toMatchObject({ code: "not_found" });
    await expect(getReportedRepositories(source.ctx, { id: randomUUID() })).rejects.toMatchObject({
      code: "not_found",
    });
  });
});
