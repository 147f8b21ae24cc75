import { readFileSync, rmSync, statSync } from "node:fs";
import path from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { abandonSeedDrive, consumeSeedDrive, continueSeedDrive, getSeedDrive } from "@/lib/engine/seed-drives";
import { consumeDrive } from "@/lib/engine/seed-drives/consume";
import { exportSeedDrive } from "@/lib/engine/seed-drives/export";
import { cancelTask } from "@/lib/engine/tasks";
import { noise } from "../replication/records";
import { DyingCounters, filesOf, SeedPair, work } from "./seed-pair";

const MiB = 1024 * 1024;
let pair: SeedPair;
const disks = [noise("a", 10 * MiB), noise("b", 10 * MiB), noise("c", 10 * MiB)];
const points: string[] = [];

beforeAll(async () => {
  pair = await SeedPair.start();
  for (const disk of disks) points.push(await pair.capture(disk));
});

const recordsOf = (folder: string) =>
  filesOf(folder)
    .filter((name) => name.startsWith("records/"))
    .map((name) => ({ name, inode: statSync(path.join(folder, name)).ino }));

describe("an export that is killed", () => {
  it("goes on where it was, writes nothing twice, and may be killed again", async () => {
    const { id, folders } = await pair.create(pair.mount("killed"), { limitBytes: 64 * MiB });
    const [folder = ""] = folders;
    for (const bytesMax of [5 * MiB, 16 * MiB]) {
      const counters = new DyingCounters(bytesMax);
      const run = exportSeedDrive(pair.source.ctx(), { driveId: id, counters, signal: counters.signal });
      await expect(run).rejects.toThrow("the worker died");
      expect(filesOf(folder)).not.toContain("seed-drive.json");
    }
    const before = recordsOf(folder);
    expect(before.length).toBe(1);
    await work(pair.source);
    expect(await getSeedDrive(pair.source.ctx(), { id })).toMatchObject({ state: "outstanding", pointsDone: 3 });
    expect(recordsOf(folder)).toEqual(expect.arrayContaining(before));
    const bytes = filesOf(path.join(folder, "records")).reduce(
      (sum, name) => sum + readFileSync(path.join(folder, "records", name)).length,
      0,
    );
    expect(bytes).toBeLessThan(30.5 * MiB);
    await abandonSeedDrive(pair.source.ctx(), { id });
  });

  it("writes anew what is gone from the drive when it goes on", async () => {
    const { id, folders } = await pair.create(pair.mount("lost"));
    const [folder = ""] = folders;
    const counters = new DyingCounters(16 * MiB);
    const run = exportSeedDrive(pair.source.ctx(), { driveId: id, counters, signal: counters.signal });
    await expect(run).rejects.toThrow("the worker died");
    for (const name of recordsOf(folder)) rmSync(path.join(folder, name.name));
    await work(pair.source);
    expect(await getSeedDrive(pair.source.ctx(), { id })).toMatchObject({ state: "outstanding", pointsDone: 3 });
    expect(await pair.target.db.prisma.seedDrive.count()).toBe(0);
    await abandonSeedDrive(pair.source.ctx(), { id });
  });

  it("may be cancelled and continued, and is not continued twice at once", async () => {
    const { id, task } = await pair.create(pair.mount("cancelled"));
    await cancelTask(pair.source.ctx(), { id: task?.id ?? "" });
    await work(pair.source);
    expect(await getSeedDrive(pair.source.ctx(), { id })).toMatchObject({ state: "exporting", task: null });
    const both = await Promise.allSettled([1, 2].map(() => continueSeedDrive(pair.source.ctx(), { id })));
    expect(both.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    await work(pair.source);
    expect(await getSeedDrive(pair.source.ctx(), { id })).toMatchObject({ state: "outstanding", pointsDone: 3 });
    await abandonSeedDrive(pair.source.ctx(), { id });
    await abandonSeedDrive(pair.source.ctx(), { id });
    expect(await getSeedDrive(pair.source.ctx(), { id })).toMatchObject({ state: "abandoned" });
    await expect(continueSeedDrive(pair.source.ctx(), { id })).rejects.toMatchObject({ code: "conflict" });
  });
});

describe("a consumption that is killed", () => {
  it("keeps what it took over, goes on behind it, and may be given up and taken up again", async () => {
    const passphrase = "nobody knows this one";
    const written = await pair.export(pair.mount("carried"), { passphrase });
    const [folder = ""] = written.folders;
    const { id } = await consumeSeedDrive(pair.target.ctx(), { folder, passphrase });
    const counters = new DyingCounters(15 * MiB);
    const run = consumeDrive(pair.target.ctx(), { driveId: id, folder, counters, signal: counters.signal });
    await expect(run).rejects.toThrow("the worker died");
    expect(await pair.targetPoints()).toEqual(points.slice(0, 1));
    await abandonSeedDrive(pair.target.ctx(), { id });
    await work(pair.target);
    expect(await getSeedDrive(pair.target.ctx(), { id })).toMatchObject({ state: "abandoned", task: null });
    expect(await pair.targetPoints()).toEqual(points.slice(0, 1));
    await consumeSeedDrive(pair.target.ctx(), { folder, passphrase });
    await work(pair.target);
    expect(await getSeedDrive(pair.target.ctx(), { id })).toMatchObject({ state: "consumed", pointsDone: 3 });
    for (const [number, disk] of disks.entries()) await pair.expectOnTarget(points[number] ?? "", disk);
    const { _sum } = await pair.target.db.prisma.record.aggregate({ _sum: { length: true } });
    expect(Number(_sum.length)).toBeLessThan(30.5 * MiB);
  });
});
