import { randomBytes, randomUUID } from "node:crypto";
import fs from "node:fs";
import { describe, expect, it } from "vitest";
import { getAgent } from "@/lib/engine/agents";
import { createManagedVolume, deleteVolume, materializeVolumes, moveVolume } from "@/lib/engine/managed-volumes";
import { startCapture } from "@/lib/engine/tasks";
import { World } from "../capture/world";

const world = await World.start();
const { prisma } = world.db;
const MIB = 1024 * 1024;

let count = 0;
const newAgent = () => world.agent(`agent ${++count}`, []);
async function withVolume(name = "disk", sizeBytes = 3 * MIB) {
  const agent = await newAgent();
  const volume = await createManagedVolume(world.ctx, { agentId: agent.id, name, sizeBytes });
  return { agent, volume, file: volume.path ?? "" };
}
const write = (file: string, bytes: Buffer, at = 0) => {
  const handle = fs.openSync(file, "r+");
  fs.writeSync(handle, bytes, 0, bytes.length, at);
  fs.closeSync(handle);
};
const refused = (detail: string) => ({ code: "conflict", options: { detail } });

describe("a managed volume", () => {
  it("is a file below the core's home of the size that was declared, takes no room, and is nobody else's to read", async () => {
    const { file, volume } = await withVolume("disk", 64 * MIB);
    expect(file).toBe(`${world.folder}/volumes/${volume.id}.img`);
    const stat = fs.statSync(file);
    expect(stat.size).toBe(64 * MIB);
    expect(stat.blocks).toBeLessThan(64);
    expect(stat.mode & 0o777).toBe(0o600);
  });

  it("is captured like any disk", async () => {
    const { agent, file } = await withVolume();
    write(file, randomBytes(MIB));
    const point = await world.capture(agent.id);
    const copy = `${world.folder}/copy-${count}.img`;
    expect(await world.restore(point, copy)).toMatchObject({ state: "succeeded" });
    expect(fs.readFileSync(copy).equals(fs.readFileSync(file))).toBe(true);
  });

  it("is refused without leaving a file: a taken name, an agent that is not there, one that another core leads", async () => {
    const { agent } = await withVolume("disk");
    const files = () => fs.readdirSync(`${world.folder}/volumes`).length;
    const before = files();
    const create = (agentId: string) => createManagedVolume(world.ctx, { agentId, name: "disk", sizeBytes: MIB });
    await expect(create(agent.id)).rejects.toMatchObject(refused("exists"));
    await expect(create(randomUUID())).rejects.toMatchObject({ code: "not_found" });
    expect(files()).toBe(before);
    await expect(
      createManagedVolume(world.ctx, { agentId: agent.id, name: "huge", sizeBytes: 2 ** 49 }),
    ).rejects.toThrow();
    expect(files()).toBe(before);
  });

  it("is one, when two ask for the same name at once", async () => {
    const agent = await newAgent();
    const create = () => createManagedVolume(world.ctx, { agentId: agent.id, name: "disk", sizeBytes: MIB });
    const both = await Promise.allSettled([create(), create()]);
    expect(both.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    expect(await prisma.volume.count({ where: { agentId: agent.id } })).toBe(1);
  });
});

describe("moving a volume", () => {
  it("takes it and its file along under its id, and leaves its history where it was", async () => {
    const [{ agent, volume, file }, other] = [await withVolume(), await newAgent()];
    write(file, randomBytes(MIB));
    const before = fs.readFileSync(file);
    const point = await world.capture(agent.id);
    await moveVolume(world.ctx, { volumeId: volume.id, agentId: other.id });
    expect((await getAgent(world.ctx, agent)).volumes).toEqual([]);
    expect((await getAgent(world.ctx, other)).volumes).toMatchObject([{ id: volume.id, path: file }]);
    // The point is the first agent's, and still restorable.
    const copy = `${world.folder}/moved.img`;
    expect(await world.restore(point, copy)).toMatchObject({ state: "succeeded" });
    expect(fs.readFileSync(copy).equals(before)).toBe(true);
    const images = await prisma.volumeImage.findMany({
      where: { recoveryPointId: point.id },
      include: { volume: true },
    });
    expect(images.map((image) => image.volume.agentId)).toEqual([agent.id]);
    expect((await world.capture(other.id)).images).toHaveLength(1);
    await expect(startCapture(world.ctx, { agentId: agent.id })).rejects.toMatchObject({ code: "invalid_input" });
  });

  it("and back again ends with one volume of that name", async () => {
    const [{ agent, volume }, other] = [await withVolume(), await newAgent()];
    await world.capture(agent.id);
    await moveVolume(world.ctx, { volumeId: volume.id, agentId: other.id });
    await moveVolume(world.ctx, { volumeId: volume.id, agentId: agent.id });
    expect((await getAgent(world.ctx, agent)).volumes).toMatchObject([{ id: volume.id, name: "disk" }]);
    await moveVolume(world.ctx, { volumeId: volume.id, agentId: agent.id });
  });

  it("is refused where the name is taken, and while it is being captured", async () => {
    const [{ agent, volume }, other] = [await withVolume(), await withVolume()];
    await expect(moveVolume(world.ctx, { volumeId: volume.id, agentId: other.agent.id })).rejects.toMatchObject(
      refused("exists"),
    );
    const free = await newAgent();
    const task = await startCapture(world.ctx, { agentId: agent.id });
    await expect(moveVolume(world.ctx, { volumeId: volume.id, agentId: free.id })).rejects.toMatchObject(
      refused("wrong-state"),
    );
    await world.run(task.id);
  });

  it("two ways at once ends in one place", async () => {
    const [{ volume }, a, b] = [await withVolume(), await newAgent(), await newAgent()];
    await Promise.all([a, b, a].map(({ id }) => moveVolume(world.ctx, { volumeId: volume.id, agentId: id })));
    const row = await prisma.volume.findUniqueOrThrow({ where: { id: volume.id } });
    expect([a.id, b.id]).toContain(row.agentId);
  });
});

describe("deleting a volume", () => {
  it("removes its file; its images stay restorable", async () => {
    const { agent, volume, file } = await withVolume();
    write(file, randomBytes(MIB));
    const before = fs.readFileSync(file);
    const point = await world.capture(agent.id);
    await deleteVolume(world.ctx, { volumeId: volume.id });
    expect(fs.existsSync(file)).toBe(false);
    await expect(deleteVolume(world.ctx, { volumeId: volume.id })).rejects.toMatchObject({ code: "not_found" });
    const copy = `${world.folder}/deleted.img`;
    expect(await world.restore(point, copy)).toMatchObject({ state: "succeeded" });
    expect(fs.readFileSync(copy).equals(before)).toBe(true);
  });

  it("leaves a person's file alone", async () => {
    const file = `${world.folder}/own.img`;
    fs.writeFileSync(file, "mine");
    const agent = await world.agent("own", [{ kind: "image", name: "disk", path: file }]);
    await deleteVolume(world.ctx, { volumeId: agent.volumes[0]?.id ?? "" });
    expect(fs.readFileSync(file, "utf8")).toBe("mine");
  });
});

describe("materialising volumes", () => {
  it("makes the files what they were at the point, as large as declared, also when there was none, and again", async () => {
    const { agent, volume, file } = await withVolume();
    write(file, randomBytes(MIB), MIB);
    const then = fs.readFileSync(file);
    const point = await world.capture(agent.id);
    write(file, randomBytes(3 * MIB));
    const input = { agentId: agent.id, recoveryPointId: point.id };
    expect(await materializeVolumes(world.ctx, input)).toBe(1);
    expect(fs.readFileSync(file).equals(then)).toBe(true);
    fs.rmSync(file);
    await prisma.volume.update({ where: { id: volume.id }, data: { path: null, managedBytes: BigInt(4 * MIB) } });
    await materializeVolumes(world.ctx, input);
    expect(
      fs
        .readFileSync(file)
        .subarray(0, 3 * MIB)
        .equals(then),
    ).toBe(true);
    expect(fs.statSync(file).size).toBe(4 * MIB);
    expect((await prisma.volume.findUniqueOrThrow({ where: { id: volume.id } })).path).toBe(file);
    expect(fs.readdirSync(`${world.folder}/volumes`).filter((name) => !name.endsWith(".img"))).toEqual([]);
  });

  it("that is stopped leaves what was there", async () => {
    const { agent, file } = await withVolume();
    write(file, randomBytes(MIB));
    const point = await world.capture(agent.id);
    write(file, randomBytes(2 * MIB));
    const now = fs.readFileSync(file);
    const signal = AbortSignal.abort(new Error("stopped"));
    const input = { agentId: agent.id, recoveryPointId: point.id, signal };
    await expect(materializeVolumes(world.ctx, input)).rejects.toThrow("stopped");
    expect(fs.readFileSync(file).equals(now)).toBe(true);
  });

  it("is for points of the agent alone", async () => {
    const [{ agent }, other] = [await withVolume(), await newAgent()];
    const point = await world.capture(agent.id);
    await expect(materializeVolumes(world.ctx, { agentId: other.id, recoveryPointId: point.id })).rejects.toMatchObject(
      { code: "not_found" },
    );
  });
});
