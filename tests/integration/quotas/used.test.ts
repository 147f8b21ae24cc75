import { randomUUID } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { withTransaction } from "@/lib/db/transaction";
import { captureStream } from "@/lib/engine/capture";
import { sweepDocuments } from "@/lib/engine/documents";
import { getAgentQuotas, listQuotas, reserveStored, setQuota, sweepQuotas } from "@/lib/engine/quotas";
import { SetQuotaInput } from "@/lib/engine/quotas/schemas";
import { addUpStored, usedBytes } from "@/lib/engine/quotas/used";
import { startCapture } from "@/lib/engine/tasks";
import { World } from "../capture/world";
import { noise } from "../replication/records";

const MiB = 1024 * 1024;
const DAY = 86_400_000;

let world: World;
beforeAll(async () => {
  world = await World.start();
});

const set = (input: Record<string, unknown>) => setQuota(world.ctx, SetQuotaInput.parse({ meter: "stored", ...input }));
const machine = async (name: string, tenantId?: string) => {
  const home = await world.db.prisma.tenant.findFirstOrThrow({ where: { name: "Home" } });
  return world.db.prisma.agent.create({
    data: { name, hostName: name, tenantId: tenantId ?? home.id, repositoryId: world.repositoryId },
  });
};

/** The same numbers at every run. */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state % below;
  };
}

describe("the sum of what is stored", () => {
  it("is that of the points after any history of points that come, change, move and go, whenever it is added up", async () => {
    const { prisma } = world.db;
    const next = numbers(11);
    const tenants = await Promise.all(["Left", "Right"].map((name) => prisma.tenant.create({ data: { name } })));
    const agents = await Promise.all(
      Array.from({ length: 4 }, (_, at) => machine(`random ${at}`, tenants[at % 2]?.id)),
    );
    for (let step = 0; step < 80; step++) {
      const agentId = agents[next(4)]?.id ?? "";
      const points = await prisma.recoveryPoint.findMany({ where: { agentId }, select: { id: true } });
      const one = points[next(Math.max(1, points.length))]?.id;
      const sizes = { storedBytes: BigInt(next(1_000)), logicalBytes: BigInt(next(5_000)) };
      const what = next(6);
      if (what <= 2)
        await prisma.recoveryPoint.createMany({
          data: Array.from({ length: 1 + next(3) }, () => ({
            ...sizes,
            id: randomUUID(),
            agentId,
            repositoryId: world.repositoryId,
            sequence: BigInt(step * 10 + next(1_000_000) * 1_000),
            createdAt: new Date(),
          })),
        });
      else if (what === 3 && one) await prisma.recoveryPoint.update({ where: { id: one }, data: sizes });
      else if (what === 4 && one)
        await prisma.recoveryPoint.update({ where: { id: one }, data: { agentId: agents[next(4)]?.id ?? agentId } });
      else if (points.length > 3)
        await prisma.recoveryPoint.deleteMany({ where: { agentId, storedBytes: { lt: 500n } } });
      if (step % 9 === 0) await withTransaction(world.db, (tx) => addUpStored(tx, new Date()));
    }
    const asked = { meter: "stored", now: new Date() } as const;
    const byAgent = await usedBytes(prisma, { ...asked, of: "agent", ids: agents.map(({ id }) => id) });
    for (const { id } of agents) {
      const { _sum } = await prisma.recoveryPoint.aggregate({ where: { agentId: id }, _sum: { storedBytes: true } });
      expect(byAgent.get(id) ?? 0).toBe(Number(_sum.storedBytes ?? 0n));
    }
    const byTenant = await usedBytes(prisma, { ...asked, of: "tenant", ids: tenants.map(({ id }) => id) });
    for (const { id } of tenants) {
      const { _sum } = await prisma.recoveryPoint.aggregate({
        where: { agent: { tenantId: id } },
        _sum: { storedBytes: true },
      });
      expect(byTenant.get(id) ?? 0).toBe(Number(_sum.storedBytes ?? 0n));
    }
  });

  it("forgets a promise of somebody who is gone", async () => {
    const agent = await machine("gone");
    await set({ agentId: agent.id, hardBytes: 10 });
    await reserveStored(world.ctx, { agentId: agent.id, tenantId: agent.tenantId }, 10);
    const again = () => reserveStored(world.ctx, { agentId: agent.id, tenantId: agent.tenantId }, 10);
    await expect(again()).rejects.toMatchObject({ code: "storage_full", options: { detail: "quota" } });
    world.clockMs += DAY;
    await sweepQuotas(world.ctx);
    await expect(again()).resolves.toBeTypeOf("function");
  });
});

describe("a capture on this core", () => {
  it("keeps to the quota: it fails with the reason, and nothing of it is half done or counted", async () => {
    const folder = world.makeFolder("data");
    writeFileSync(path.join(folder, "large"), noise("large", 3 * MiB));
    const agent = await world.folderAgent("captured", folder);
    await set({ agentId: agent.id, hardBytes: 2 * MiB });
    const started = await startCapture(world.ctx, { agentId: agent.id });
    const task = await world.run(started.id);
    expect(task).toMatchObject({
      state: "failed",
      failure: { code: "storage_full", message: expect.stringContaining("The quota of this agent for stored data") },
    });
    expect(await world.db.prisma.recoveryPoint.count({ where: { agentId: agent.id } })).toBe(0);
    const { quotas, waiting } = await getAgentQuotas(world.ctx, { agentId: agent.id });
    expect(quotas[0]?.usedBytes).toBe(0);
    expect(waiting).not.toBeNull();
    await set({ agentId: agent.id, hardBytes: 4 * MiB });
    expect((await world.capture(agent.id)).storedBytes).toBeGreaterThan(3 * MiB);
    const after = await getAgentQuotas(world.ctx, { agentId: agent.id });
    expect(after.waiting).toBeNull();
    expect(after.quotas[0]?.usedBytes).toBeLessThan(4 * MiB);
  });

  it("of a stream is refused as it grows beyond the quota on stored, or comes to more than that on protected bytes", async () => {
    const agent = await machine("streamed");
    const send = (bytes: Buffer) =>
      captureStream(
        world.ctx,
        { agentId: agent.id, volumeName: "dump", signal: new AbortController().signal },
        pieces(bytes),
      );
    await set({ agentId: agent.id, hardBytes: MiB });
    const full = { code: "storage_full", options: { detail: "quota" } };
    await expect(send(noise("stream", 2 * MiB))).rejects.toMatchObject(full);
    await set({ agentId: agent.id, hardBytes: 10 * MiB });
    await set({ agentId: agent.id, meter: "protected", hardBytes: MiB });
    await expect(send(noise("stream", 2 * MiB))).rejects.toMatchObject(full);
    await set({ agentId: agent.id, meter: "protected", hardBytes: 2 * MiB });
    await expect(send(noise("stream", 2 * MiB))).resolves.toMatchObject({ state: "succeeded" });
  });
});

describe("the prediction", () => {
  it("comes from the ledger: samples as long as nothing is rolled up, then its days", async () => {
    const tenant = await world.db.prisma.tenant.create({ data: { name: "Growing" } });
    const agent = await machine("growing", tenant.id);
    const row = {
      agentId: agent.id,
      agentName: "growing",
      hostName: "growing",
      tenantId: tenant.id,
      repositoryId: world.repositoryId,
    };
    const now = world.clockMs;
    await set({ tenantId: tenant.id, hardBytes: 100_000 });
    const predicted = async () => {
      const { items } = await listQuotas(world.ctx, { tenantId: tenant.id, limit: 10 });
      return items[0]?.quotas[0]?.predictedExhaustionAt ?? null;
    };
    expect(await predicted()).toBeNull();
    await world.db.prisma.usageEntry.createMany({
      data: Array.from({ length: 10 }, (_, at) => ({
        ...row,
        at: new Date(now - (10 - at) * DAY),
        origin: "measured" as const,
        protectedBytes: 1n,
        storedBytes: BigInt(1_000 * (at + 1)),
        recoveryPoints: 1,
      })),
    });
    await world.db.prisma.recoveryPoint.create({
      data: {
        id: randomUUID(),
        agentId: agent.id,
        repositoryId: world.repositoryId,
        sequence: 1n,
        createdAt: new Date(now),
        logicalBytes: 1n,
        storedBytes: 11_000n,
      },
    });
    const days = (Date.parse((await predicted()) ?? "") - now) / DAY;
    expect(days).toBeGreaterThan(70);
    expect(days).toBeLessThan(110);
  });
});

describe("an agent's document", () => {
  it("says how much it may store, since its quota is a row of its own", async () => {
    const agent = await world.folderAgent("documented", world.makeFolder("documented"));
    await sweepDocuments(world.ctx);
    expect(await world.db.prisma.staleDocument.count({ where: { subjectId: agent.id } })).toBe(0);
    await set({ agentId: agent.id, hardBytes: 12_345 });
    expect(await world.db.prisma.staleDocument.count({ where: { subjectId: agent.id } })).toBe(1);
    await sweepDocuments(world.ctx);
    const { tenantId } = await world.db.prisma.agent.findUniqueOrThrow({ where: { id: agent.id } });
    const file = path.join(world.folder, "repository", "t", tenantId, "agents", `${agent.id}.json`);
    expect(readFileSync(file, "utf8")).toContain('"quotaBytes":12345');
  });
});

async function* pieces(bytes: Buffer): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 64 * 1024) yield bytes.subarray(at, at + 64 * 1024);
}
