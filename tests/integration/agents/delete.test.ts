import { randomUUID } from "node:crypto";
import { beforeEach, describe, expect, it } from "vitest";
import { deleteAgent, deleteAgentByPeer, runAgentDeletion, sweepAgentDeletions } from "@/lib/engine/agents";
import { startCapture } from "@/lib/engine/tasks";
import { noise } from "../replication/records";
import { TwoCores } from "../replication/two-cores";

const KiB = 1024;
let cores: TwoCores;
let agentId: string;

beforeEach(async () => {
  cores = await TwoCores.start(["disk", "data"]);
  ({ agentId } = cores.ids);
  await cores.target.db.prisma.pairingAgent.create({
    data: {
      pairingId: cores.ids.targetPairingId,
      agentId,
      name: "machine",
      hostName: "",
      sizeBytes: 0n,
      state: "approved",
    },
  });
  for (const round of ["one", "two", "three"])
    await cores.capture({ disk: noise(`${round} disk`, 64 * KiB), data: noise(`${round} data`, 64 * KiB) });
  await cores.run();
  expect(await cores.targetPoints()).toHaveLength(3);
});

const byPeer = () => deleteAgentByPeer(cores.peerCtx, { agentId });
const byAdministrator = () => deleteAgent(cores.target.ctx, { id: agentId });
const work = (signal = new AbortController().signal) =>
  runAgentDeletion(cores.target.as({ kind: "job", name: "delete-agent" }), { agentId, signal });
const agents = () => cores.target.db.prisma.agent.count({ where: { id: agentId } });

/** Keys of points and manifests in the target's repository. */
async function files(): Promise<string[]> {
  const { storage } = await cores.target.storage;
  const keys: string[] = [];
  for await (const { key } of storage.list("t/")) if (/\/(points|manifests)\//.test(key)) keys.push(key);
  return keys;
}

/** After so many removals in the target's repository every one fails, as if the machine had gone. */
async function breakAfter(removals: number): Promise<() => void> {
  const opened = await cores.target.storage;
  const real = opened.storage;
  let left = removals;
  opened.storage = new Proxy(real, {
    get(storage, name: keyof typeof real) {
      const method: unknown = storage[name];
      if (typeof method !== "function") return method;
      if (name !== "delete") return method.bind(storage);
      return async (key: string) => {
        if (left-- <= 0) throw new Error("the machine is gone");
        await storage.delete(key);
      };
    },
  });
  return () => {
    opened.storage = real;
  };
}

describe("DeleteAgent", () => {
  it("removes the agent with its points and their files; the source keeps its own, and other agents keep theirs", async () => {
    expect((await files()).length).toBe(9);
    const other = await cores.target.db.prisma.agent.create({
      data: { name: "other", hostName: "", tenantId: cores.target.tenantId, repositoryId: cores.target.repositoryId },
    });
    await byPeer();
    expect(cores.target.enqueued).toContainEqual({ name: "delete-agent", payload: { agentId } });
    await work();
    expect(await agents()).toBe(0);
    expect(await cores.targetPoints()).toEqual([]);
    expect(await files()).toEqual([]);
    expect(await cores.target.db.prisma.volumeImage.count()).toBe(0);
    expect(await cores.target.db.prisma.agent.count({ where: { id: other.id } })).toBe(1);
    expect(await cores.source.db.prisma.recoveryPoint.count({ where: { agentId } })).toBe(3);
    const actions = await cores.target.db.prisma.auditEntry.findMany({
      where: { subject: agentId, action: { startsWith: "agent.delete" } },
      orderBy: { id: "asc" },
    });
    expect(actions.map(({ action, actor }) => `${actor} ${action}`)).toEqual([
      "peer:source agent.delete",
      "job:delete-agent agent.deleted",
    ]);
  });

  it("may be said again at any time, also when the agent is gone; never for an agent that was not the caller's", async () => {
    await Promise.all([byPeer(), byPeer()]);
    await byPeer();
    await work();
    await byPeer();
    await work();
    const asked = await cores.target.db.prisma.auditEntry.count({
      where: { subject: agentId, action: "agent.delete" },
    });
    expect(asked).toBe(1);
    const own = await cores.target.db.prisma.agent.create({
      data: { name: "own", hostName: "", tenantId: cores.target.tenantId, repositoryId: cores.target.repositoryId },
    });
    for (const id of [own.id, randomUUID()])
      await expect(deleteAgentByPeer(cores.peerCtx, { agentId: id })).rejects.toMatchObject({ code: "not_found" });
    await cores.target.db.prisma.pairingAgent.updateMany({ data: { state: "pending" } });
    await expect(byPeer()).rejects.toMatchObject({ code: "not_found" });
  });

  it.each([0, 1, 2, 3, 4, 7])(
    "interrupted after %i removals it goes on where it was, and no point is listed whose files are gone",
    async (removals) => {
      await byPeer();
      const mend = await breakAfter(removals);
      await expect(work()).rejects.toThrow("the machine is gone");
      mend();
      expect(await agents()).toBe(1);
      await sweepAgentDeletions(cores.target.ctx);
      expect(cores.target.enqueued.at(-1)).toEqual({ name: "delete-agent", payload: { agentId } });
      await work();
      expect(await agents()).toBe(0);
      expect((await files()).filter((key) => key.includes("/points/"))).toEqual([]);
    },
  );

  it("a worker that is told to stop lets go, and the next one finishes", async () => {
    await byPeer();
    await expect(work(AbortSignal.abort(new Error("stopping")))).rejects.toThrow("stopping");
    await Promise.allSettled([work(), work()]);
    await work();
    expect(await agents()).toBe(0);
  });

  it("is refused clearly while a point is locked, and a point that is locked meanwhile is never deleted", async () => {
    const [first = "", second = ""] = await cores.targetPoints();
    const lock = (id: string, locked: boolean) =>
      cores.target.db.prisma.recoveryPoint.update({ where: { id }, data: { locked } });
    await lock(first, true);
    await expect(byPeer()).rejects.toMatchObject({ code: "conflict", message: expect.stringContaining("locked") });
    await expect(byAdministrator()).rejects.toMatchObject({ code: "conflict" });
    await lock(first, false);
    await byPeer();
    await lock(second, true);
    await expect(work()).rejects.toMatchObject({ code: "unavailable" });
    expect(await cores.targetPoints()).toEqual([second]);
    expect((await files()).length).toBe(3);
    await lock(second, false);
    await work();
    expect(await agents()).toBe(0);
  });

  it("is refused clearly while a run, a restore or a commit of it goes on", async () => {
    const { prisma } = cores.target.db;
    const run = await prisma.run.create({ data: { sessionId: cores.ids.targetSessionId, state: "running" } });
    await expect(byPeer()).rejects.toMatchObject({ code: "conflict", message: expect.stringContaining("replicated") });
    await prisma.run.delete({ where: { id: run.id } });
    const task = await prisma.task.create({ data: { kind: "restore", agentId, state: "running" } });
    await expect(byPeer()).rejects.toMatchObject({ code: "conflict", message: expect.stringContaining("restore") });
    await prisma.task.delete({ where: { id: task.id } });
    await prisma.imageSession.updateMany({ where: { agentId }, data: { state: "committing" } });
    await expect(byPeer()).rejects.toMatchObject({ code: "conflict", message: expect.stringContaining("committed") });
    await prisma.imageSession.updateMany({ where: { agentId }, data: { state: "committed" } });
    await byPeer();
  });

  it("from the moment it is asked for, the source replicates nothing there and is told why", async () => {
    await byAdministrator();
    await cores.capture({ disk: noise("four disk", 64 * KiB), data: noise("four data", 64 * KiB) });
    await cores.run();
    expect(await cores.newestRun()).toMatchObject({ state: "failed", failureCode: "not_found" });
    expect((await cores.targetSession()).state).toBe("ended");
    expect(await cores.target.db.prisma.pairingAgent.findFirst()).toMatchObject({
      state: "denied",
      message: expect.stringContaining("Deleted"),
      decidedBy: "account:operator",
    });
  });
});

describe("deleting an agent of this core's own", () => {
  it("takes its points, sessions and captures away, and leaves the replica on the target", async () => {
    const { source } = cores;
    await deleteAgent(source.ctx, { id: agentId });
    await expect(startCapture(source.ctx, { agentId })).rejects.toMatchObject({ code: "conflict" });
    await runAgentDeletion(source.ctx, { agentId, signal: new AbortController().signal });
    expect(await source.db.prisma.agent.count()).toBe(0);
    expect(await source.db.prisma.recoveryPoint.count()).toBe(0);
    expect(await source.db.prisma.replicationSession.count()).toBe(0);
    expect(await cores.targetPoints()).toHaveLength(3);
    await expect(deleteAgent(source.ctx, { id: agentId })).rejects.toMatchObject({ code: "not_found" });
  });
});
