import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import path from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { deletePairing } from "@/lib/engine/pairing";
import { consumeSeedDrive, getSeedDrive } from "@/lib/engine/seed-drives";
import { pairCores } from "../../support/pair";
import { PeerCore } from "../../support/peer-core";
import { noise } from "../replication/records";
import { filesOf, SeedPair, work } from "./seed-pair";

const MiB = 1024 * 1024;
let pair: SeedPair;
let drive: string;
/** The drive's folder as it was written. */
let sound: string;
const disk = noise("disk", 8 * MiB);
let point: string;

beforeAll(async () => {
  pair = await SeedPair.start();
  point = await pair.capture(disk);
  const written = await pair.export(pair.mount("usb"));
  drive = written.id;
  [sound = ""] = written.folders;
});

/** A copy of the drive to do harm to. */
function copied(name: string): string {
  const folder = path.join(pair.mount(name), path.basename(sound));
  cpSync(sound, folder, { recursive: true });
  return folder;
}

const nothingTaken = async (core: PeerCore) =>
  expect(await Promise.all([core.db.prisma.record.count(), core.db.prisma.seedDrive.count()])).toEqual([0, 0]);

describe("a target that is given a seed drive", () => {
  it("refuses one whose manifest was altered in any word", async () => {
    const folder = copied("altered");
    const file = path.join(folder, "seed-drive.json");
    const text = readFileSync(file, "utf8");
    for (const altered of [
      text.replace('\\"name\\":\\"first\\"', '\\"name\\":\\"other\\"'),
      text.replace('"signature": "M', '"signature": "N'),
      "{}",
      "rubbish",
    ]) {
      expect(altered).not.toBe(text);
      writeFileSync(file, altered);
      await expect(consumeSeedDrive(pair.target.ctx(), { folder })).rejects.toMatchObject({ code: "integrity" });
    }
    await nothingTaken(pair.target);
  });

  it("refuses a stranger's drive, and one that is meant for another target", async () => {
    const stranger = await PeerCore.start("Stranger");
    await expect(consumeSeedDrive(stranger.ctx(), { folder: sound })).rejects.toMatchObject({ code: "integrity" });
    await pairCores(pair.source, stranger);
    await expect(consumeSeedDrive(stranger.ctx(), { folder: sound })).rejects.toMatchObject({ code: "integrity" });
    await nothingTaken(stranger);
  });

  it("refuses a folder without a drive, with half a drive, behind a link, in a repository or a home", async () => {
    const half = copied("half");
    rmSync(path.join(half, "seed-drive.json"));
    const linked = pair.mount("linked");
    symlinkSync(sound, path.join(linked, path.basename(sound)));
    const home = pair.mount("home");
    writeFileSync(path.join(home, "secret.key"), "");
    mkdirSync(path.join(home, "inside"));
    for (const folder of [
      pair.mount("nothing"),
      half,
      linked,
      path.join(home, "inside"),
      path.join(pair.folder, "Vault"),
      "/nowhere/at/all",
      "relative",
    ])
      await expect(consumeSeedDrive(pair.target.ctx(), { folder }), folder).rejects.toMatchObject({
        code: "invalid_input",
      });
    await nothingTaken(pair.target);
  });

  it("names a damaged record, keeps every other one, and leaves that one to replication", async () => {
    const folder = copied("damaged");
    const name = filesOf(path.join(folder, "records"))[0] ?? "";
    const file = path.join(folder, "records", name);
    const bytes = readFileSync(file);
    bytes.writeUInt8(bytes.readUInt8(100_000) ^ 1, 100_000);
    writeFileSync(file, bytes);
    await consumeSeedDrive(pair.target.ctx(), { folder });
    await work(pair.target);
    const consumed = await getSeedDrive(pair.target.ctx(), { id: drive });
    expect(consumed).toMatchObject({ state: "consumed", pointsDone: 0 });
    expect(consumed.failure?.message).toMatch(
      /records\/00000001\.records: the record [0-9a-f]{64} is damaged\. Replication/,
    );
    expect(await pair.targetPoints()).toEqual([]);
    expect(await pair.target.db.prisma.record.count()).toBe((8 * MiB) / (16 * 1024) - 1);
    expect(await pair.replicate()).toBeLessThan(200_000);
    await pair.expectOnTarget(point, disk);
  });

  it("takes what was damaged from a sound copy when it is consumed again", async () => {
    const again = noise("again", 4 * MiB);
    const second = await pair.capture(again);
    const written = await pair.export(pair.mount("usb2"));
    const [folder = ""] = written.folders;
    const file = path.join(folder, "records", filesOf(path.join(folder, "records"))[0] ?? "");
    const bytes = readFileSync(file);
    truncateSync(file, 1_000_000);
    await consumeSeedDrive(pair.target.ctx(), { folder });
    await work(pair.target);
    const torn = await getSeedDrive(pair.target.ctx(), { id: written.id });
    expect(torn.failure?.message).toContain("has 1000000 bytes instead of");
    expect(await pair.targetPoints()).not.toContain(second);
    writeFileSync(file, bytes);
    await consumeSeedDrive(pair.target.ctx(), { folder });
    await work(pair.target);
    expect(await getSeedDrive(pair.target.ctx(), { id: written.id })).toMatchObject({ pointsDone: 1, failure: null });
    await pair.expectOnTarget(second, again);
  });

  it("refuses everything of a pairing that was ended", async () => {
    await deletePairing(pair.target.ctx(), { id: pair.targetPairingId });
    await expect(consumeSeedDrive(pair.target.ctx(), { folder: sound })).rejects.toMatchObject({ code: "conflict" });
  });
});
