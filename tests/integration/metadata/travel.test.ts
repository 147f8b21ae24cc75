import { randomUUID } from "node:crypto";
import { beforeEach, describe, expect, it } from "vitest";
import { addVolume, getAgent, updateAgent } from "@/lib/engine/agents";
import { commitCapture } from "@/lib/engine/capture/commit";
import { SkippedList } from "@/lib/engine/capture/skipped";
import { getRecoveryPoint, removeRecoveryPoint, updateRecoveryPoint } from "@/lib/engine/recovery-points";
import { hearConsumedDrives } from "@/lib/engine/seed-drives";
import { listSessions, sweepSessions, wakeDueSessions } from "@/lib/engine/sessions";
import { noise } from "../replication/records";
import { around, TwoCores } from "../replication/two-cores";

let cores: TwoCores;
beforeEach(async () => {
  cores = await TwoCores.start();
});

const capture = (seed: string) => cores.capture({ disk: noise(seed, 40_000) });
const onTarget = (id: string) => cores.target.db.prisma.recoveryPoint.findUniqueOrThrow({ where: { id } });
const agentOnTarget = () => cores.target.db.prisma.agent.findUniqueOrThrow({ where: { id: cores.ids.agentId } });
const wake = { name: "run-replication", payload: { sessionId: "" } };
const NEWS = ["selectRecoveryPoints", "startMetadataUpdate", "metadataUpdateProgress"];

async function callsOfRun(): Promise<string[]> {
  cores.calls.length = 0;
  await cores.run();
  return [...cores.calls];
}

describe("what changes on the source", () => {
  it("asks for a run at once, reaches the target without a new point, and is then silent again", async () => {
    const { source, ids } = cores;
    const pointId = await capture("a");
    await cores.run();
    source.enqueued.length = 0;
    await updateAgent(source.ctx, { id: ids.agentId, labels: ["finance", "nightly", "finance"] });
    await updateRecoveryPoint(source.ctx, { id: pointId, label: "before the move", locked: true });
    const asked = { ...wake, payload: { sessionId: ids.sourceSessionId } };
    expect(source.enqueued).toEqual([asked, asked]);
    expect(await callsOfRun()).toEqual(NEWS);
    expect(await agentOnTarget()).toMatchObject({ labels: ["finance", "nightly"], metadataAt: expect.any(Date) });
    expect(await onTarget(pointId)).toMatchObject({ label: "before the move", locked: true });
    expect(await callsOfRun()).toEqual(["selectRecoveryPoints"]);
    await addVolume(source.ctx, { agentId: ids.agentId, kind: "stream", name: "dump" });
    expect(await callsOfRun()).toEqual(NEWS);
    expect((await getAgent(cores.target.ctx, { id: ids.agentId })).volumes.map(({ name }) => name)).toEqual([
      "disk",
      "dump",
    ]);
  });

  it("is not forgotten when the wish for a run was lost, or came while one was running", async () => {
    const { source, ids } = cores;
    await capture("a");
    cores.wrap = (target) =>
      around(target, async (name, call) => {
        const answer = await call();
        if (name === "selectRecoveryPoints") await updateAgent(source.ctx, { id: ids.agentId, labels: [name] });
        return answer;
      });
    await cores.run();
    cores.wrap = (target) => target;
    source.enqueued.length = 0;
    await wakeDueSessions(source.ctx);
    expect(source.enqueued).toEqual([{ ...wake, payload: { sessionId: ids.sourceSessionId } }]);
    await cores.run();
    expect(await agentOnTarget()).toMatchObject({ labels: ["selectRecoveryPoints"] });
    source.enqueued.length = 0;
    await wakeDueSessions(source.ctx);
    await sweepSessions(source.ctx);
    expect(source.enqueued).toEqual([]);
  });

  it("is told again when the target's answer was lost", async () => {
    const pointId = await capture("a");
    await cores.run();
    await updateRecoveryPoint(cores.source.ctx, { id: pointId, label: "kept" });
    cores.wrap = (target) =>
      around(target, async (name, call) => {
        const answer = await call();
        if (name === "startMetadataUpdate") throw new Error("lost");
        return answer;
      });
    await cores.run();
    expect(await cores.sourceSession()).toMatchObject({ state: "system_paused" });
    cores.wrap = (target) => target;
    expect(await callsOfRun()).toEqual(NEWS);
    expect(await onTarget(pointId)).toMatchObject({ label: "kept" });
    expect(await cores.sourceSession()).toMatchObject({ state: "ok", metadataVersion: 1n });
  });

  it("of a point that is still to come arrives with it", async () => {
    const pointId = await capture("a");
    await updateRecoveryPoint(cores.source.ctx, { id: pointId, label: "golden", locked: true });
    await cores.run();
    expect(await onTarget(pointId)).toMatchObject({ label: "golden", locked: true });
  });

  it("of a point that was half sent arrives with it, as it is said last", async () => {
    const pointId = await capture("a");
    cores.wrap = (target) =>
      around(target, async (name, call) => {
        if (name === "startEnding") throw new Error("gone");
        return call();
      });
    await cores.run();
    await updateRecoveryPoint(cores.source.ctx, { id: pointId, label: "said later" });
    cores.wrap = (target) => target;
    await cores.run();
    expect(await onTarget(pointId)).toMatchObject({ label: "said later" });
  });

  it("travels in pages when it is much", async () => {
    const { source, target, ids } = cores;
    const fill = (repositoryId: string, version: string) => `
      insert into recovery_point (id, agent_id, repository_id, sequence, created_at, logical_bytes, stored_bytes, label,
          metadata_version)
        select ('00000000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid, '${ids.agentId}', '${repositoryId}', n, now(), 1,
          1, case when ${version} > 0 then 'label ' || n else '' end, ${version} from generate_series(1, 2500) n`;
    await source.db.pool.query(fill(source.repositoryId, "n"));
    await target.db.pool.query(fill(target.repositoryId, "0"));
    await source.db.pool.query("update agent set metadata_version = 2500");
    expect((await callsOfRun()).filter((name) => name === "startMetadataUpdate")).toHaveLength(3);
    const unlike = await target.db.pool.query("select 1 from recovery_point where label <> 'label ' || sequence");
    expect(unlike.rowCount).toBe(0);
    expect(await cores.sourceSession()).toMatchObject({ metadataVersion: 2500n });
  });
});

describe("a point that is deleted on the source", () => {
  it("stays on the target and is marked there, and nothing-to-do costs one call again", async () => {
    const { source, target } = cores;
    const first = await capture("a");
    const middle = await capture("b");
    const last = await capture("c");
    await cores.run();
    await removeRecoveryPoint(source.ctx, { id: middle });
    expect(await callsOfRun()).toEqual(NEWS);
    expect(await cores.targetPoints()).toEqual([first, middle, last]);
    expect((await getRecoveryPoint(target.ctx, { id: middle })).deletedOnSourceAt).not.toBeNull();
    expect((await getRecoveryPoint(target.ctx, { id: first })).deletedOnSourceAt).toBeNull();
    const { prisma } = source.db;
    expect(await prisma.deletedRecoveryPoint.count()).toBe(0);
    // The target no longer expects it in the set that both know: no list of all points is asked for.
    const answers: unknown[] = [];
    cores.wrap = (core) =>
      around(core, async (_, call) => {
        const answer = await call();
        answers.push(answer);
        return answer;
      });
    expect(await callsOfRun()).toEqual(["selectRecoveryPoints"]);
    expect(answers).toMatchObject([{ unchanged: true, recoveryPoints: [] }]);
  });

  it("leaves its number to nobody: the target has that number under another id", async () => {
    const { source, ids } = cores;
    await capture("a");
    const newest = await capture("b");
    await removeRecoveryPoint(source.ctx, { id: newest });
    const id = randomUUID();
    const agent = { id: ids.agentId, repositoryId: source.repositoryId, tenantId: source.tenantId };
    await commitCapture(source.ctx, { id, agent, createdAt: new Date(), images: [], skipped: new SkippedList() });
    expect(await source.db.prisma.recoveryPoint.findUnique({ where: { id } })).toMatchObject({ sequence: 3n });
  });

  it("leaves nothing pending when it was the newest, also while nobody runs", async () => {
    const { source } = cores;
    const before = await capture("a");
    const newest = await capture("b");
    await cores.run();
    await removeRecoveryPoint(source.ctx, { id: newest });
    expect(await cores.sourceSession()).toMatchObject({ newestPointId: before });
    expect((await listSessions(source.ctx, { limit: 1 })).items).toMatchObject([{ pendingPoints: 0 }]);
  });

  it("is remembered until a paused target has heard of it", async () => {
    const pointId = await capture("a");
    await cores.run();
    const { replicationSession, deletedRecoveryPoint } = cores.source.db.prisma;
    await replicationSession.updateMany({ data: { state: "paused", pausedBy: "source" } });
    await removeRecoveryPoint(cores.source.ctx, { id: pointId });
    await cores.run();
    expect(await deletedRecoveryPoint.count()).toBe(1);
    await replicationSession.updateMany({ data: { state: "ok", pausedBy: null } });
    await cores.run();
    expect(await deletedRecoveryPoint.count()).toBe(0);
    expect((await onTarget(pointId)).deletedOnSourceAt).not.toBeNull();
  });

  it("in the middle of its transfer does not keep the others back", async () => {
    const doomed = await capture("a");
    const other = await capture("b");
    cores.wrap = (target) =>
      around(target, async (name, call) => {
        if (name === "startImageSession" && (await cores.source.db.prisma.recoveryPoint.count()) === 2)
          await removeRecoveryPoint(cores.source.ctx, { id: doomed });
        return call();
      });
    await cores.run();
    expect(await cores.targetPoints()).toContain(other);
    expect(await cores.sourceSession()).toMatchObject({ state: "ok" });
    await cores.run();
    const rows = await cores.target.db.prisma.recoveryPoint.findMany({ where: { id: doomed } });
    for (const row of rows) expect(row.deletedOnSourceAt).not.toBeNull();
  });
});

describe("points that a seed drive brings", () => {
  it("are labelled and marked once the source hears that the drive was consumed", async () => {
    const { source, target, ids } = cores;
    const labelled = await capture("a");
    const deleted = await capture("b");
    await cores.run();
    const drive = await source.db.prisma.seedDrive.create({
      data: {
        side: "source",
        state: "outstanding",
        name: "drive",
        paths: [],
        createdBy: "anna",
        pairingId: ids.sourcePairingId,
        contents: [{ agentId: ids.agentId }],
      },
    });
    await updateRecoveryPoint(source.ctx, { id: labelled, label: "told too early" });
    await removeRecoveryPoint(source.ctx, { id: deleted });
    await cores.run();
    // As the drive brings them: without what was told before.
    await target.db.pool.query("update recovery_point set label = '', deleted_on_source_at = null");
    const session = { agentId: ids.agentId, pairingId: ids.sourcePairingId };
    await hearConsumedDrives(source.ctx, session, async () => ({ seedDriveIds: [drive.id] }));
    await cores.run();
    expect(await onTarget(labelled)).toMatchObject({ label: "told too early", deletedOnSourceAt: null });
    expect((await onTarget(deleted)).deletedOnSourceAt).not.toBeNull();
    expect(await source.db.prisma.deletedRecoveryPoint.count()).toBe(0);
  });
});
