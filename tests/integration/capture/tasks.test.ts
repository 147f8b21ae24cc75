import fs from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { type FileSource, systemFiles } from "@/lib/engine/capture";
import { cancelTask, getTask, listTasks, runTask, startCapture, startRestore, sweepTasks } from "@/lib/engine/tasks";
import { TwincoreError } from "@/lib/errors";
import { makeTree } from "../../support/tree";
import { readTree } from "./tree";
import { World } from "./world";

const world = await World.start();

function deferred() {
  let resolve: () => void = () => undefined;
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

/** Files whose first read tells that it was reached, and waits until it is let go. */
function gatedFiles() {
  const reached = deferred();
  const gate = deferred();
  const source: FileSource = {
    ...systemFiles,
    open: async (file, stat) => {
      reached.resolve();
      await gate.promise;
      return systemFiles.open(file, stat);
    },
  };
  return { source, reached: reached.promise, letGo: gate.resolve };
}

const leftovers = () =>
  fs
    .readdirSync(path.join(world.folder, "repository"), { recursive: true })
    .map(String)
    .filter((name) => /\.manifest$|points\/|tmp\/./.test(name));

async function agentOf(name: string) {
  const source = world.makeFolder(name);
  makeTree(source);
  return { source, agent: await world.folderAgent(name, source) };
}

describe("a capture task", () => {
  it("is one, however often it is asked for while it is under way", async () => {
    const { agent } = await agentOf("twice");
    const tasks = await Promise.all([1, 2, 3].map(() => startCapture(world.ctx, { agentId: agent.id })));
    expect(new Set(tasks.map((task) => task.id)).size).toBe(1);
    expect(tasks[0]).toMatchObject({ kind: "capture", state: "queued", agent: { id: agent.id, name: "twice" } });
    const done = await world.run(tasks[0]?.id ?? "");
    expect(done).toMatchObject({ state: "succeeded", phase: "done", failure: null });
    expect(done.bytesDone).toBeGreaterThan(1_000_000);
    expect(done.filesDone).toBeGreaterThan(300);
    expect((await startCapture(world.ctx, { agentId: agent.id })).id).not.toBe(done.id);
  });

  it("sets replication going for sessions that are not paused or ended", async () => {
    const { agent } = await agentOf("replicated");
    const pairing = await world.db.prisma.pairing.create({
      data: { side: "source", peerName: "peer", requestKeyDigest: Buffer.alloc(32), verificationCode: "1" },
    });
    const session = await world.db.prisma.replicationSession.create({
      data: { side: "source", agentId: agent.id, pairingId: pairing.id, state: "ok" },
    });
    const asked = () => world.jobs.filter((job) => job.name === "run-replication").map((job) => job.payload);
    await world.capture(agent.id);
    expect(asked()).toEqual([{ sessionId: session.id }]);
    await world.db.prisma.replicationSession.update({ where: { id: session.id }, data: { state: "paused" } });
    await world.capture(agent.id);
    expect(asked().length).toBe(1);
  });

  it("that is cancelled while it waits never runs", async () => {
    const { agent } = await agentOf("cancelled-waiting");
    const task = await startCapture(world.ctx, { agentId: agent.id });
    expect(await cancelTask(world.ctx, { id: task.id })).toMatchObject({ state: "cancelled" });
    expect(await world.run(task.id)).toMatchObject({ state: "cancelled", recoveryPointId: null });
    expect(await world.db.prisma.recoveryPoint.count({ where: { agentId: agent.id } })).toBe(0);
    await expect(cancelTask(world.ctx, { id: task.id })).resolves.toMatchObject({ state: "cancelled" });
  });

  it("that is cancelled while it runs stops, and leaves neither a recovery point nor a manifest", async () => {
    const { agent } = await agentOf("cancelled-running");
    const before = leftovers();
    const task = await startCapture(world.ctx, { agentId: agent.id });
    const gate = gatedFiles();
    const running = world.run(task.id, gate.source);
    await gate.reached;
    await cancelTask(world.ctx, { id: task.id });
    // The runner hears of it with its next write of progress; until then no file opens.
    await expect
      .poll(() => world.db.prisma.event.count({ where: { kind: "task", subject: task.id } }))
      .toBeGreaterThan(3);
    gate.letGo();
    expect(await running).toMatchObject({ state: "cancelled", recoveryPointId: null });
    expect(leftovers()).toEqual(before);
  });

  it("whose worker was killed runs again to one recovery point with the id chosen at first", async () => {
    const { agent, source } = await agentOf("killed");
    const task = await startCapture(world.ctx, { agentId: agent.id });
    // A worker that is told to stop in the middle; then the row as a killed one leaves it.
    const stop = new AbortController();
    const gate = gatedFiles();
    const first = runTask(world.ctx, { taskId: task.id, signal: stop.signal, source: gate.source });
    await gate.reached;
    stop.abort(new Error("the worker is stopping"));
    gate.letGo();
    await expect(first).rejects.toThrow();
    expect(await getTask(world.ctx, { id: task.id })).toMatchObject({ state: "queued" });
    await world.db.prisma.task.update({ where: { id: task.id }, data: { state: "running" } });

    const done = await world.run(task.id);
    expect(done.state).toBe("succeeded");
    const row = await world.db.prisma.task.findUniqueOrThrow({ where: { id: task.id } });
    expect(row.input).toMatchObject({ recoveryPointId: done.recoveryPointId });
    // And once more, as when the worker died between the commit and the end of the task.
    await world.db.prisma.task.update({ where: { id: task.id }, data: { state: "running" } });
    expect(await world.run(task.id)).toMatchObject({ state: "succeeded", recoveryPointId: done.recoveryPointId });
    const points = await world.db.prisma.recoveryPoint.findMany({
      where: { agentId: agent.id },
      include: { images: true },
    });
    expect(points.length).toBe(1);
    const restored = path.join(world.folder, "killed-restored");
    await runTask(world.ctx, {
      taskId: (
        await startRestore(world.ctx, {
          recoveryPointId: points[0]?.id ?? "",
          imageId: points[0]?.images[0]?.id ?? "",
          destination: restored,
        })
      ).id,
      signal: new AbortController().signal,
    });
    expect(readTree(restored)).toEqual(readTree(source));
  });

  it("is never run by two workers at once", async () => {
    const { agent } = await agentOf("two-workers");
    const task = await startCapture(world.ctx, { agentId: agent.id });
    const gate = gatedFiles();
    const first = world.run(task.id, gate.source);
    await gate.reached;
    await expect(world.run(task.id)).rejects.toMatchObject({ code: "unavailable" });
    gate.letGo();
    expect(await first).toMatchObject({ state: "succeeded" });
  });

  it("fails with words when its folder is gone, and is tried again when the disk is full", async () => {
    const { agent, source } = await agentOf("failing");
    const task = await startCapture(world.ctx, { agentId: agent.id });
    const full = () => Promise.reject(new TwincoreError("storage_full", "The disk is full."));
    await expect(world.run(task.id, { ...systemFiles, list: full })).rejects.toMatchObject({ code: "storage_full" });
    expect(await getTask(world.ctx, { id: task.id })).toMatchObject({
      state: "queued",
      failure: { code: "storage_full", message: "The disk is full." },
    });
    fs.rmSync(source, { recursive: true });
    const failed = await world.run(task.id);
    expect(failed).toMatchObject({ state: "failed", failure: { code: "invalid_input" } });
    expect(failed.failure?.message).toContain("does not exist");
  });

  it("captures all volumes of an agent as one recovery point", async () => {
    const folder = world.makeFolder("volume-folder");
    fs.writeFileSync(path.join(folder, "file"), "file");
    const disk = path.join(world.folder, "volume.img");
    fs.writeFileSync(disk, Buffer.alloc(2_500_000, "disk"));
    const agent = await world.agent("volumes", [
      { kind: "folder", name: "files", path: folder, excludes: [] },
      { kind: "image", name: "disk", path: disk },
      { kind: "stream", name: "dump" },
    ]);
    const point = await world.capture(agent.id);
    expect(point.images.map(({ volumeName, kind, sizeBytes }) => ({ volumeName, kind, sizeBytes }))).toEqual([
      { volumeName: "disk", kind: "image", sizeBytes: 2_500_000 },
      { volumeName: "files", kind: "folder", sizeBytes: 4 },
    ]);
    expect(point.logicalBytes).toBe(2_500_004);
    const only = await startCapture(world.ctx, { agentId: agent.id, volumeIds: [point.images[1]?.volumeId ?? ""] });
    const task = await world.run(only.id);
    expect(task.bytesDone).toBe(4);
  });
});

describe("a restore task", () => {
  it("whose worker was killed goes on in the folder that it marked", async () => {
    const { agent, source } = await agentOf("restored-twice");
    const point = await world.capture(agent.id);
    const destination = path.join(world.folder, "restored-twice-to");
    const started = await startRestore(world.ctx, {
      recoveryPointId: point.id,
      imageId: point.images[0]?.id ?? "",
      destination,
    });
    // What a killed run leaves: its mark, and some of the tree.
    fs.mkdirSync(path.join(destination, "docs/deep"), { recursive: true });
    fs.writeFileSync(path.join(destination, `.twincore-restore-${started.id}`), "");
    fs.writeFileSync(path.join(destination, "docs/note-1.txt"), "half");
    fs.chmodSync(path.join(destination, "docs"), 0o500);
    fs.symlinkSync("wrong", path.join(destination, "docs/deep/er"));
    fs.rmSync(path.join(destination, "docs/deep/er"));
    fs.symlinkSync("wrong", path.join(destination, "docs/broken"));
    expect(await world.run(started.id)).toMatchObject({ state: "succeeded" });
    expect(readTree(destination)).toEqual(readTree(source));
  });
});

describe("tasks", () => {
  it("are listed newest first, in pages, of one agent or of all", async () => {
    const { agent } = await agentOf("listed");
    for (let i = 0; i < 5; i++) await world.capture(agent.id);
    const first = await listTasks(world.ctx, { agentId: agent.id, limit: 3 });
    expect(first).toMatchObject({ total: 5, items: [{}, {}, {}] });
    const second = await listTasks(world.ctx, { agentId: agent.id, limit: 3, cursor: first.nextCursor ?? "" });
    expect(second).toMatchObject({ total: 5, items: [{}, {}], nextCursor: null });
    const times = [...first.items, ...second.items].map((task) => task.createdAt);
    expect(times).toEqual([...times].sort().reverse());
    expect((await listTasks(world.ctx, { limit: 1 })).total).toBeGreaterThan(5);
    await expect(listTasks(world.ctx, { limit: 1, cursor: "x" })).rejects.toMatchObject({ code: "invalid_input" });
    await expect(getTask(world.ctx, { id: crypto.randomUUID() })).rejects.toMatchObject({ code: "not_found" });
  });

  it("whose job was lost are queued again, and streams whose process died end", async () => {
    const { agent } = await agentOf("swept");
    const task = await startCapture(world.ctx, { agentId: agent.id });
    const stream = await world.db.prisma.task.create({
      data: {
        kind: "capture",
        state: "running",
        agentId: agent.id,
        input: { stream: true, recoveryPointId: crypto.randomUUID(), volumes: [] },
      },
    });
    await world.db.prisma.task.updateMany({
      where: { id: { in: [task.id, stream.id] } },
      data: { updatedAt: new Date(world.clockMs - 600_000) },
    });
    world.jobs.length = 0;
    await sweepTasks(world.ctx);
    expect(world.jobs).toContainEqual({ name: "run-task", payload: { taskId: task.id }, key: task.id });
    expect(await getTask(world.ctx, { id: stream.id })).toMatchObject({ state: "failed" });
  });
});
