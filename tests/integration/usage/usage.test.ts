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
import { noise } from "../replication/records";
import { TwoCores } from "../replication/two-cores";

const cores = await TwoCores.start();
const { source, target, ids } = cores;
const HOUR_MS = 3_600_000;

beforeEach(async () => {
  target.aheadMs = 0;
  await target.db.prisma.usageEntry.deleteMany();
  await target.db.prisma.repositoryReport.deleteMany();
});

const entries = (origin: "measured" | "reported") =>
  target.db.prisma.usageEntry.findMany({ where: { origin }, orderBy: { id: "asc" } });

describe("measuring agents", () => {
  it("writes what an agent occupies, again when it changed, and each hour when it did not", async () => {
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
    target.aheadMs = HOUR_MS;
    await measureUsage(target.ctx);
    expect(await entries("measured")).toHaveLength(3);
  });

  it("twice at the same time writes one sample", async () => {
    await Promise.all([measureUsage(target.ctx), measureUsage(target.ctx), measureUsage(target.ctx)]);
    expect(await entries("measured")).toHaveLength(1);
  });

  it("keeps every sample for five weeks, and of each day before that the last", async () => {
    const day = (text: string) => ({ at: new Date(text), origin: "measured" as const, ...blank() });
    await target.db.prisma.usageEntry.createMany({
      data: ["2026-01-01T01:00:00Z", "2026-01-01T23:00:00Z", "2026-01-02T05:00:00Z"].map(day),
    });
    const recent = new Date(Date.now() - 20 * 24 * HOUR_MS);
    await target.db.prisma.usageEntry.createMany({
      data: [recent, new Date(recent.getTime() + 1)].map((at) => ({ ...day("2026-01-01"), at })),
    });
    await measureUsage(target.ctx);
    const kept = await target.db.prisma.usageEntry.findMany({ where: { agentName: "gone" }, orderBy: { at: "asc" } });
    expect(kept.map(({ at }) => at.toISOString()).slice(0, 2)).toEqual([
      "2026-01-01T23:00:00.000Z",
      "2026-01-02T05:00:00.000Z",
    ]);
    expect(kept).toHaveLength(4);
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
    await target.db.prisma.usageEntry.updateMany({ data: { recoveryPoints: 7 } });
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

  it("is one word within a minute, the last one; nobody fills the ledger by talking", async () => {
    for (const recoveryPointCount of [1, 2, 3])
      await receiveMasterUsage(cores.peerCtx, summary({ recoveryPointCount }));
    expect(await entries("reported")).toMatchObject([{ recoveryPoints: 3 }]);
    target.aheadMs = 61_000;
    await receiveMasterUsage(cores.peerCtx, summary({ recoveryPointCount: 4 }));
    expect(await entries("reported")).toMatchObject([{ recoveryPoints: 3 }, { recoveryPoints: 4 }]);
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
