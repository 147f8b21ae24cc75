import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { captureStream } from "@/lib/engine/capture";
import { getRecoveryPoint } from "@/lib/engine/recovery-points";
import { openDownload } from "@/lib/engine/restore";
import { cancelTask, listTasks } from "@/lib/engine/tasks";
import { World } from "./world";

const world = await World.start();
const never = new AbortController().signal;

/** A stream that no compression makes smaller, with its digest. */
async function* pieces(count: number, hash = createHash("sha256")): AsyncGenerator<Buffer> {
  for (let i = 0; i < count; i++) {
    const piece = Buffer.concat(
      Array.from({ length: 2048 }, (_, j) => createHash("sha256").update(`${i} ${j}`).digest()),
    );
    hash.update(piece);
    yield piece;
  }
}

const leftovers = () =>
  fs
    .readdirSync(path.join(world.folder, "repository"), { recursive: true })
    .map(String)
    .filter((name) => /\.manifest$|points\/|tmp\/./.test(name));

describe("a stream", () => {
  it("becomes a recovery point with the same bytes, of any length", async () => {
    const agent = await world.agent("streamed", []);
    for (const count of [0, 1, 100]) {
      const hash = createHash("sha256");
      const task = await captureStream(
        world.ctx,
        { agentId: agent.id, volumeName: "dump", signal: never },
        pieces(count, hash),
      );
      expect(task).toMatchObject({ state: "succeeded", bytesDone: count * 65_536 });
      const point = await getRecoveryPoint(world.ctx, { id: task.recoveryPointId ?? "" });
      expect(point.images).toMatchObject([{ volumeName: "dump", kind: "stream", sizeBytes: count * 65_536 }]);
      const download = await openDownload(world.ctx, { recoveryPointId: point.id, imageId: point.images[0]?.id ?? "" });
      const read = createHash("sha256");
      for await (const piece of download.body) read.update(piece);
      expect(read.digest("hex")).toBe(hash.digest("hex"));
    }
    expect(await world.db.prisma.volume.count({ where: { agentId: agent.id } })).toBe(1);
  });

  it.each<[string, (client: AbortController) => AsyncGenerator<Buffer>]>([
    [
      "breaks off",
      async function* () {
        yield* pieces(100);
        throw Object.assign(new Error("aborted"), { code: "ECONNRESET" });
      },
    ],
    [
      "is silent when its client goes away",
      async function* (client) {
        yield* pieces(10);
        client.abort(new Error("gone"));
        await new Promise(() => undefined);
      },
    ],
    [
      "seems to end when its client goes away",
      async function* (client) {
        yield* pieces(10);
        client.abort(new Error("gone"));
      },
    ],
  ])("that %s leaves no recovery point and no manifest", async (name, body) => {
    const agent = await world.agent(name, []);
    const before = leftovers();
    const client = new AbortController();
    const input = { agentId: agent.id, volumeName: "dump", signal: client.signal };
    await expect(captureStream(world.ctx, input, body(client))).rejects.toThrow();
    expect(await world.db.prisma.recoveryPoint.count({ where: { agentId: agent.id } })).toBe(0);
    expect(await listTasks(world.ctx, { agentId: agent.id, limit: 10 })).toMatchObject({
      items: [{ state: "failed" }],
    });
    expect(leftovers()).toEqual(before);
  });

  it("that is cancelled leaves no recovery point", async () => {
    const agent = await world.agent("cancelled", []);
    async function* body() {
      yield* pieces(3);
      const [task] = (await listTasks(world.ctx, { agentId: agent.id, limit: 1 })).items;
      await cancelTask(world.ctx, { id: task?.id ?? "" });
      await new Promise(() => undefined);
    }
    const task = await captureStream(world.ctx, { agentId: agent.id, volumeName: "dump", signal: never }, body());
    expect(task).toMatchObject({ state: "cancelled", recoveryPointId: null });
  });

  it("cannot take the name of a folder, nor go to an agent that another core leads", async () => {
    const agent = await world.folderAgent("has a folder", world.makeFolder("some-folder"));
    const input = { agentId: agent.id, volumeName: "files", signal: never };
    await expect(captureStream(world.ctx, input, pieces(1))).rejects.toMatchObject({ code: "conflict" });
    const pairing = await world.db.prisma.pairing.create({
      data: {
        side: "target",
        state: "established",
        peerName: "peer",
        requestKeyDigest: Buffer.alloc(32),
        verificationCode: "1",
      },
    });
    const led = { pairingId: pairing.id, leadPairingId: pairing.id };
    await world.db.prisma.agent.update({ where: { id: agent.id }, data: led });
    await expect(captureStream(world.ctx, { ...input, volumeName: "x" }, pieces(1))).rejects.toMatchObject({
      code: "conflict",
    });
    const nobody = { ...input, agentId: crypto.randomUUID() };
    await expect(captureStream(world.ctx, nobody, pieces(1))).rejects.toMatchObject({ code: "not_found" });
  });

  it("of one agent at the same time as others gets a sequence number of its own", async () => {
    const agent = await world.agent("many at once", []);
    const tasks = await Promise.all(
      Array.from({ length: 6 }, (_, i) =>
        captureStream(world.ctx, { agentId: agent.id, volumeName: `dump ${i}`, signal: never }, pieces(2)),
      ),
    );
    expect(tasks.map((task) => task.state)).toEqual(Array(6).fill("succeeded"));
    const points = await world.db.prisma.recoveryPoint.findMany({
      where: { agentId: agent.id },
      orderBy: { sequence: "asc" },
    });
    expect(points.map((point) => Number(point.sequence))).toEqual([1, 2, 3, 4, 5, 6]);
  });
});
