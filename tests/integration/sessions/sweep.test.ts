import { randomUUID } from "node:crypto";
import { beforeEach, describe, expect, it } from "vitest";
import { listSessions, sweepSessions, wakeDueSessions } from "@/lib/engine/sessions";
import { sweep } from "@/lib/jobs/sweep";
import { noise } from "../replication/records";
import { TwoCores } from "../replication/two-cores";

const cores = await TwoCores.start();
const { source, target, ids } = cores;
const job = { name: "run-replication", payload: { sessionId: ids.sourceSessionId } };
const update = (data: object) =>
  source.db.prisma.replicationSession.update({ where: { id: ids.sourceSessionId }, data });

beforeEach(async () => {
  source.enqueued.length = 0;
  source.aheadMs = 0;
  target.aheadMs = 0;
  await source.db.prisma.run.deleteMany();
  await target.db.prisma.run.deleteMany();
  await update({ state: "ok", pausedBy: null, nextRunAt: null, lastRunAt: null, newestPointId: null });
});

describe("sessions whose time has come", () => {
  it("are woken then and not before", async () => {
    await update({ nextRunAt: new Date(Date.now() + 30_000) });
    await wakeDueSessions(source.ctx);
    expect(source.enqueued).toEqual([]);
    source.aheadMs = 31_000;
    await wakeDueSessions(source.ctx);
    expect(source.enqueued).toEqual([job]);
  });

  it.each([
    ["paused here", { state: "paused", pausedBy: "source" }],
    ["ended", { state: "ended" }],
  ])("stay asleep when they are %s", async (_, data) => {
    await update({ ...data, nextRunAt: new Date(0) });
    await wakeDueSessions(source.ctx);
    expect(source.enqueued).toEqual([]);
  });

  it("are woken while the target has paused them, to ask whether it still does", async () => {
    await update({ state: "paused", pausedBy: "target", nextRunAt: new Date(0) });
    await wakeDueSessions(source.ctx);
    expect(source.enqueued).toEqual([job]);
  });
});

describe("the sweep", () => {
  it("finds a point whose replication nobody asked for, once", async () => {
    await cores.capture({ disk: noise("forgotten", 40_000) });
    await sweepSessions(source.ctx);
    expect(source.enqueued).toEqual([job]);
    await update({ lastRunAt: new Date(Date.now() + 1000) });
    source.enqueued.length = 0;
    await sweepSessions(source.ctx);
    expect(source.enqueued).toEqual([]);
  });

  it("finds a run whose worker died with its job", async () => {
    const data = { sessionId: ids.sourceSessionId, state: "running" as const, leaseOwner: "dead" };
    await source.db.prisma.run.create({ data: { ...data, leaseUntil: new Date(Date.now() - 70_000) } });
    await update({ lastRunAt: new Date(Date.now() + 1000) });
    await sweepSessions(source.ctx);
    expect(source.enqueued).toEqual([job]);
  });

  it("says on the target that a source has gone silent, and takes it back when it is heard again", async () => {
    const masterJobId = randomUUID();
    const jobId = await cores.client.startJob({ agentId: ids.agentId, masterJobId });
    await target.db.pool.query("update run set updated_at = now() - interval '3 minutes'");
    await sweepSessions(target.ctx);
    expect(await cores.newestRun("target")).toMatchObject({
      state: "paused",
      pauseReason: expect.stringContaining("heard"),
    });
    expect(await cores.targetSession()).toMatchObject({ state: "system_paused", failureCode: "unavailable" });
    expect(await cores.client.startJob({ agentId: ids.agentId, masterJobId })).toBe(jobId);
    expect(await cores.newestRun("target")).toMatchObject({ state: "running", pauseReason: null });
    expect(await cores.targetSession()).toMatchObject({ state: "synchronizing" });
  });

  it("goes through all its parts and forgets old events", async () => {
    const old = { kind: "run", subject: "old", at: new Date(Date.now() - 25 * 3_600_000) };
    await source.db.prisma.event.create({ data: old });
    await sweep(source.ctx);
    expect(await source.db.prisma.event.count({ where: { subject: "old" } })).toBe(0);
    expect(await source.db.prisma.event.count()).toBeGreaterThan(0);
  });
});

describe("ten thousand recovery points on both sides", () => {
  it("are one call when there is nothing to do, and a page of sessions knows what is pending", async () => {
    const fill = (repositoryId: string) => `
      insert into recovery_point (id, agent_id, repository_id, sequence, created_at, logical_bytes, stored_bytes)
        select ('00000000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid, '${ids.agentId}', '${repositoryId}', n + 100000,
          now(), 1, 1 from generate_series(1, 10000) n`;
    await source.db.pool.query(fill(source.repositoryId));
    await target.db.pool.query("delete from recovery_point");
    await source.db.pool.query("delete from recovery_point where sequence < 100000");
    await target.db.pool.query(fill(target.repositoryId));
    const newest = "00000000-0000-4000-8000-000000010000";
    await update({ newestPointId: newest });
    cores.calls.length = 0;
    await cores.run();
    expect(cores.calls).toEqual(["selectRecoveryPoints"]);
    await update({ newestPointId: "00000000-0000-4000-8000-000000009990" });
    const { items } = await listSessions(source.ctx, { limit: 1 });
    expect(items[0]?.pendingPoints).toBe(10);
    await cores.run();
    expect(cores.calls).toHaveLength(2);
    expect(await cores.sourceSession()).toMatchObject({ newestPointId: newest, state: "ok" });
  });
});
