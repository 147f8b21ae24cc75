import fs from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { type Entry, encodeEntry } from "@/lib/engine/folder-images/entry";
import { ManifestWriter } from "@/lib/engine/manifests";
import { newPackId as newId } from "@/lib/engine/packs/pack-id";
import { RecordWriter } from "@/lib/engine/records/write";
import { commitRecoveryPoint, getRecoveryPoint } from "@/lib/engine/recovery-points";
import { ensureDomain } from "@/lib/engine/repositories";
import { openDownload } from "@/lib/engine/restore";
import { startRestore } from "@/lib/engine/tasks";
import { World } from "../capture/world";

const world = await World.start();
const outside = world.makeFolder("outside");
fs.writeFileSync(path.join(outside, "precious"), "precious");

const made = (at: string, more: Partial<Entry> = {}): Entry => ({
  path: at,
  type: "file",
  mode: 0o644,
  uid: 0,
  gid: 0,
  mtimeNs: 1_000_000_000n,
  ctimeNs: 1_000_000_000n,
  inode: 1n,
  sizeBytes: 0,
  ...more,
});
const root = made("", { type: "folder" });

let points = 0;
/** Commits an image whose entries and contents are whatever is given, as a hostile peer could send it. */
async function commitImage(entries: Entry[], payload = Buffer.alloc(0)) {
  const agent = await world.folderAgent(`hostile ${++points}`, world.makeFolder(`hostile-${points}`));
  const row = await world.db.prisma.agent.findUniqueOrThrow({ where: { id: agent.id } });
  const domain = await ensureDomain(world.ctx, row);
  const imageId = newId(world.clockMs);
  const writer = new RecordWriter(world.ctx, domain);
  const manifest = await ManifestWriter.create(domain, imageId);
  await manifest.startStream("payload");
  if (payload.length > 0) await manifest.add([await writer.put(payload)]);
  await manifest.startStream("entries");
  await manifest.add([await writer.put(Buffer.from(entries.map(encodeEntry).join("")))]);
  await writer.finish();
  const { digest, recordCount } = await manifest.finish();
  const volume = agent.volumes[0];
  if (!volume) throw new Error("no volume");
  const id = newId(world.clockMs);
  await commitRecoveryPoint(world.ctx, {
    id,
    agentId: agent.id,
    repositoryId: row.repositoryId,
    tenantId: row.tenantId,
    sequence: 1,
    createdAt: world.ctx.now(),
    images: [
      {
        id: imageId,
        volumeId: volume.id,
        volumeName: volume.name,
        volumeKind: "folder",
        sizeBytes: payload.length,
        entryCount: entries.length,
        manifestDigest: digest,
        recordCount,
      },
    ],
    logicalBytes: payload.length,
    storedBytes: 0,
    skippedCount: 0,
    skipped: [],
  });
  return getRecoveryPoint(world.ctx, { id });
}

const evil = Buffer.from("evil");
const out = path.relative("/", outside);

describe("a restore of a hostile image", () => {
  it.each<[string, Entry[]]>([
    ["a path up", [root, made(`../outside/evil`, { sizeBytes: 4 })]],
    ["an absolute path", [root, made(`/${out}/evil`, { sizeBytes: 4 })]],
    [
      "a link and a file through it",
      [root, made("a", { type: "link", target: outside }), made("a/evil", { sizeBytes: 4 })],
    ],
    [
      "a link and a folder in its place",
      [
        root,
        made("a", { type: "link", target: outside }),
        made("a", { type: "folder" }),
        made("a/evil", { sizeBytes: 4 }),
      ],
    ],
    ["a file without a parent", [root, made("a/evil", { sizeBytes: 4 })]],
    [
      "a hard link up",
      [root, made("a", { type: "hardlink", link: "../outside/precious" }), made("b", { sizeBytes: 4 })],
    ],
    [
      "a hard link to what is no file of it",
      [root, made("b", { sizeBytes: 4 }), made("c", { type: "hardlink", link: "a" })],
    ],
  ])("with %s fails, and touches nothing outside", async (_, entries) => {
    const point = await commitImage(entries, evil);
    const destination = path.join(world.folder, `restored-${points}`);
    const task = await world.restore(point, destination);
    expect(task).toMatchObject({ state: "failed", failure: { code: "integrity" } });
    expect(task.failure?.message).toContain(`${destination} holds an incomplete copy`);
    expect(fs.readdirSync(outside)).toEqual(["precious"]);
    expect(fs.readFileSync(path.join(outside, "precious"), "utf8")).toBe("precious");
    expect(fs.statSync(path.join(outside, "precious")).nlink).toBe(1);
  });

  it.each<[string, Entry[]]>([
    ["more contents than entries", [root, made("a", { sizeBytes: 3 })]],
    ["fewer contents than entries", [root, made("a", { sizeBytes: 5 })]],
  ])("with %s fails", async (_, entries) => {
    const point = await commitImage(entries, evil);
    const task = await world.restore(point, path.join(world.folder, `restored-${points}`));
    expect(task).toMatchObject({ state: "failed", failure: { code: "integrity" } });
  });

  it("does not become a tar either", async () => {
    const point = await commitImage(
      [root, made("a", { type: "link", target: outside }), made("a/evil", { sizeBytes: 4 })],
      evil,
    );
    const input = { recoveryPointId: point.id, imageId: point.images[0]?.id ?? "" };
    await expect(openDownload(world.ctx, input)).rejects.toMatchObject({ code: "integrity" });
  });

  it("run again after it was killed follows no link that its first run made", async () => {
    const point = await commitImage([
      root,
      made("a", { type: "link", target: outside }),
      made("b", { type: "hardlink", link: "a/precious" }),
    ]);
    const destination = world.makeFolder("twice");
    const started = await startRestore(world.ctx, {
      recoveryPointId: point.id,
      imageId: point.images[0]?.id ?? "",
      destination,
    });
    // What a run that was killed among the links leaves behind.
    fs.writeFileSync(path.join(destination, `.twincore-restore-${started.id}`), "");
    fs.symlinkSync(outside, path.join(destination, "a"));
    const task = await world.run(started.id);
    expect(task).toMatchObject({ state: "failed", failure: { code: "integrity" } });
    expect(fs.statSync(path.join(outside, "precious")).nlink).toBe(1);
  });
});

describe("the place of a restore", () => {
  it.each<[string, () => string, string]>([
    ["a relative path", () => "some/place", "absolute path"],
    ["the root of the machine", () => "/", "whole machine"],
    ["a folder that is not empty", () => outside, "not empty"],
    ["a file", () => path.join(outside, "precious"), "no folder"],
    ["a folder whose parent does not exist", () => "/no/such/place", "does not exist"],
    ["a place in a repository", () => path.join(world.folder, "repository/restored"), "in the repository"],
  ])("must not be %s", async (_, destination, message) => {
    const point = await commitImage([root]);
    const input = { recoveryPointId: point.id, imageId: point.images[0]?.id ?? "", destination: destination() };
    await expect(startRestore(world.ctx, input)).rejects.toMatchObject({
      code: "invalid_input",
      message: expect.stringContaining(message),
    });
  });

  it("may be a link to an empty folder", async () => {
    const point = await commitImage([root, made("a")]);
    const real = world.makeFolder("real-place");
    fs.symlinkSync(real, path.join(world.folder, "link-to-place"));
    expect(await world.restore(point, path.join(world.folder, "link-to-place"))).toMatchObject({ state: "succeeded" });
    expect(fs.readdirSync(real)).toEqual(["a"]);
  });
});
