import { readFileSync } from "node:fs";
import path from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import {
  abandonSeedDrive,
  consumeSeedDrive,
  continueSeedDrive,
  getConsumedSeedDrives,
  getSeedDrive,
} from "@/lib/engine/seed-drives";
import { noise } from "../replication/records";
import { filesOf, SeedPair, work } from "./seed-pair";

const MiB = 1024 * 1024;

describe("a seed drive", () => {
  let pair: SeedPair;
  let drive: string;
  const first = noise("first", 12 * MiB);
  const second = Buffer.concat([first.subarray(0, 10 * MiB), noise("second", 2 * MiB)]);
  const points: string[] = [];

  beforeAll(async () => {
    pair = await SeedPair.start();
    points.push(await pair.capture(first), await pair.capture(second));
  });

  it("carries chosen points to the target, each record once", async () => {
    const place = pair.mount("usb");
    const written = await pair.export(place);
    expect(written).toMatchObject({ state: "outstanding", pointsTotal: 2, pointsDone: 2, failure: null, task: null });
    expect(written.bytesDone).toBeGreaterThan(14 * MiB);
    expect(written.bytesDone).toBeLessThan(15 * MiB);
    drive = written.id;
    const consumed = await consumeSeedDrive(pair.target.ctx(), { folder: place });
    expect(consumed).toMatchObject({ id: drive, side: "target", state: "outstanding" });
    await work(pair.target);
    expect(await getSeedDrive(pair.target.ctx(), { id: drive })).toMatchObject({
      state: "consumed",
      pointsDone: 2,
      failure: null,
    });
    expect(await pair.targetPoints()).toEqual(points);
    await pair.expectOnTarget(points[0] ?? "", first);
    await pair.expectOnTarget(points[1] ?? "", second);
  });

  it("counts what it brought as the agent's storage on the target", async () => {
    const { _sum } = await pair.target.db.prisma.recoveryPoint.aggregate({ _sum: { storedBytes: true } });
    expect(Number(_sum.storedBytes)).toBeGreaterThan(14 * MiB);
    expect(Number(_sum.storedBytes)).toBeLessThan(15 * MiB);
  });

  it("is outstanding on the source until its next contact with the target, which sends nothing", async () => {
    expect(await getSeedDrive(pair.source.ctx(), { id: drive })).toMatchObject({ state: "outstanding" });
    expect(await pair.replicate()).toBeLessThan(50_000);
    expect(await getSeedDrive(pair.source.ctx(), { id: drive })).toMatchObject({ state: "consumed" });
  });

  it("leaves to replication only what it lacked", async () => {
    const third = Buffer.concat([second.subarray(0, 11 * MiB), noise("third", MiB)]);
    const point = await pair.capture(third);
    const bytes = await pair.replicate();
    expect(bytes).toBeGreaterThan(MiB);
    expect(bytes).toBeLessThan(1.3 * MiB);
    await pair.expectOnTarget(point, third);
  });

  it("may be consumed again, and changes nothing", async () => {
    const packs = await pair.target.db.prisma.pack.count();
    await consumeSeedDrive(pair.target.ctx(), { folder: path.join(pair.folder, "usb") });
    await work(pair.target);
    expect(await getSeedDrive(pair.target.ctx(), { id: drive })).toMatchObject({ state: "consumed", failure: null });
    expect(await pair.target.db.prisma.pack.count()).toBe(packs);
  });

  it("is told to its own source only", async () => {
    const asPeer = (pairingId: string) => pair.target.ctx({ kind: "peer", pairingId, name: "peer" });
    const { agentId } = pair;
    expect(await getConsumedSeedDrives(asPeer(pair.targetPairingId), { agentId })).toEqual({ seedDriveIds: [drive] });
    await expect(getConsumedSeedDrives(asPeer(pair.pairingId), { agentId })).rejects.toMatchObject({
      code: "not_found",
    });
  });

  it("is not made when the target holds everything already", async () => {
    await expect(pair.create(pair.mount("empty"))).rejects.toMatchObject({ code: "conflict" });
  });
});

describe("a seed drive that is encrypted and larger than one disk", () => {
  let pair: SeedPair;
  const first = noise("one", 10 * MiB);
  const second = noise("two", 30 * MiB);
  const passphrase = "correct horse battery";
  const points: string[] = [];
  let drive: string;

  beforeAll(async () => {
    pair = await SeedPair.start();
    points.push(await pair.capture(first), await pair.capture(second));
  });

  it("stops when a folder is full and goes on in the next one", async () => {
    let written = await pair.export(pair.mount("disk1"), { passphrase, limitBytes: 16 * MiB });
    drive = written.id;
    for (let n = 2; written.state === "waiting" && n < 9; n++) {
      await continueSeedDrive(pair.source.ctx(), { id: drive, folder: pair.mount(`disk${n}`) });
      await work(pair.source);
      written = await getSeedDrive(pair.source.ctx(), { id: drive });
    }
    expect(written).toMatchObject({ state: "outstanding", isEncrypted: true, pointsDone: 2, failure: null });
    expect(written.folders.length).toBe(3);
    for (const folder of written.folders) expect(sizeOf(folder)).toBeLessThan(16 * MiB);
  });

  it("shows nothing of what it carries to whoever finds it", async () => {
    const { folders } = await getSeedDrive(pair.source.ctx(), { id: drive });
    const clear = [second.subarray(0, 64), Buffer.from("Harbour"), Buffer.from(pair.agentId)];
    for (const folder of folders)
      for (const name of filesOf(folder)) {
        const bytes = readFileSync(path.join(folder, name));
        for (const secret of clear) expect(bytes.includes(secret), name).toBe(false);
      }
  });

  it("is not opened with another passphrase, or with none", async () => {
    const folder = path.join(pair.folder, "disk1");
    for (const wrong of ["wrong horse battery", undefined])
      await expect(consumeSeedDrive(pair.target.ctx(), { folder, passphrase: wrong })).rejects.toMatchObject({
        code: "invalid_input",
      });
    expect(await pair.target.db.prisma.seedDrive.count()).toBe(0);
  });

  it("makes a point true only when all of its records came, in whatever order the disks come", async () => {
    for (const [disk, expected] of [
      ["disk3", []],
      ["disk1", [points[0]]],
      ["disk2", points],
    ] as const) {
      await consumeSeedDrive(pair.target.ctx(), { folder: path.join(pair.folder, disk), passphrase });
      await work(pair.target);
      expect(await pair.targetPoints(), disk).toEqual(expected);
    }
    expect(await getSeedDrive(pair.target.ctx(), { id: drive })).toMatchObject({ state: "consumed", pointsDone: 2 });
    await pair.expectOnTarget(points[0] ?? "", first);
    await pair.expectOnTarget(points[1] ?? "", second);
    expect(await pair.replicate()).toBeLessThan(50_000);
  });

  it("leaves no passphrase and no key in either core's database", async () => {
    for (const core of [pair.source, pair.target]) {
      expect(await core.db.prisma.sealedKey.count({ where: { name: { startsWith: "seed-drive" } } })).toBe(0);
      for (const table of ["task", "seed_drive", "audit_entry", "event"]) {
        const { rows } = await core.db.pool.query(`select t::text as line from "${table}" t`);
        for (const { line } of rows) expect(line).not.toContain(passphrase);
      }
    }
  });

  it("cannot be given up any more", async () => {
    await expect(abandonSeedDrive(pair.target.ctx(), { id: drive })).rejects.toMatchObject({ code: "conflict" });
  });
});

const sizeOf = (folder: string): number =>
  filesOf(folder).reduce((sum, name) => sum + readFileSync(path.join(folder, name)).length, 0);
