import { copyFileSync, mkdirSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import path from "node:path";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { AgentDetail } from "@/lib/engine/agents/schemas";
import { readFooter } from "@/lib/engine/packs/read-footer";
import { RecordWriter } from "@/lib/engine/records/write";
import { getRecoveryPoint, listRecoveryPoints, updateRecoveryPoint } from "@/lib/engine/recovery-points";
import type { RecoveryPointDetail } from "@/lib/engine/recovery-points/schemas";
import { ensureDomain, getRepository } from "@/lib/engine/repositories";
import { digestOf, errorCode, noise } from "../records/store";
import { filesIn, SyncCore, temporaryFolder } from "./sync-core";

let core: SyncCore;
let folder: string;
let repositoryId: string;
let agent: AgentDetail;
let disk: string;
let first: RecoveryPointDetail;
let second: RecoveryPointDetail;
let made = 0;

const packs = () => filesIn(path.join(folder, "repository"), /\.pack$/);
const lostOf = async (point: RecoveryPointDetail) => (await getRecoveryPoint(core.ctx, { id: point.id })).lost;
const readable = (point: RecoveryPointDetail) => errorCode(core.bytesOf(point.id, "disk"));
/** The packs that hold records of one point only: the first capture's, and what the second added. */
let packsOf: { first: string[]; second: string[] };

beforeAll(async () => {
  core = await SyncCore.start();
});

beforeEach(async () => {
  folder = temporaryFolder();
  repositoryId = await core.repository(`repository ${++made}`, path.join(folder, "repository"));
  disk = path.join(folder, "disk.img");
  writeFileSync(disk, noise("one", 3_000_000));
  agent = await core.agent("machine", repositoryId, [{ kind: "image", name: "disk", path: disk }]);
  first = await core.capture(agent.id);
  const before = packs();
  writeFileSync(disk, Buffer.concat([noise("one", 2_097_152), noise("two", 902_848)]));
  second = await core.capture(agent.id);
  packsOf = { first: before, second: packs().filter((pack) => !before.includes(pack)) };
  await core.writeDocuments();
});

const BLOCK_BYTES = 1024 * 1024;

/** Where in these bytes the block begins whose record lies last in the first pack of the repository. */
async function lastBlockOf(bytes: Buffer): Promise<number> {
  const [record] = await core.db.prisma.$queryRaw<{ digest: Uint8Array }[]>`
    select r.digest from record r join pack p on p.number = r.pack_number join record_domain d on d.id = p.domain_id
    where d.repository_id = ${repositoryId}::uuid order by p.number, r."offset" desc limit 1`;
  const starts = [0, BLOCK_BYTES, 2 * BLOCK_BYTES];
  const isIt = (start: number) =>
    digestOf(bytes.subarray(start, start + BLOCK_BYTES)).equals(record?.digest ?? Buffer.alloc(0));
  const start = starts.find(isIt);
  if (start === undefined) throw new Error("the first pack ends with none of these blocks");
  return start;
}

const only = (files: string[]): string => {
  expect(files).toHaveLength(1);
  return files[0] ?? "";
};

describe("a pack that storage lost", () => {
  it("marks the points that need it and no other, leaves the index, and restores say why", async () => {
    rmSync(only(packsOf.second));
    expect(await core.synced(repositoryId)).toMatchObject({
      packsLost: 1,
      recordsLost: 1,
      pointsLost: 1,
      pointsFound: 0,
      problemCount: 2,
    });
    expect(await lostOf(first)).toBeNull();
    expect((await lostOf(second))?.reason).toBe("1 record of the volume disk is missing or damaged.");
    expect(await readable(first)).toBe("no error");
    await expect(core.bytesOf(second.id, "disk")).rejects.toThrow(/damaged.*1 record of the volume disk/);
    const { items } = await listRecoveryPoints(core.ctx, { agentId: agent.id, limit: 10 });
    expect(items.map(({ lost }) => lost !== null)).toEqual([true, false]);
    expect(await getRepository(core.ctx, { id: repositoryId })).toMatchObject({ lostPoints: 1, records: 3 });
    const alerts = () => core.db.prisma.alert.findMany({ where: { subjectId: repositoryId } });
    expect(await alerts()).toMatchObject([{ kind: "points-lost", severity: "critical", clearedAt: null }]);
    // Again: nothing new.
    expect(await core.synced(repositoryId)).toMatchObject({ packsLost: 0, pointsLost: 0, pointsFound: 0 });
    expect((await lostOf(second))?.reason).toMatch(/missing/);
  });

  it("is captured anew, because its records are known no more", async () => {
    rmSync(only(packsOf.second));
    await core.synced(repositoryId);
    const third = await core.capture(agent.id);
    expect(third.storedBytes).toBeGreaterThan(900_000);
    expect((await core.bytesOf(third.id, "disk")).equals(readFileSync(disk))).toBe(true);
    // The same records came back with it: the point that had lost them is whole again.
    expect(await core.synced(repositoryId)).toMatchObject({ pointsFound: 1, pointsLost: 0 });
    expect(await lostOf(second)).toBeNull();
    expect((await core.bytesOf(second.id, "disk")).equals(readFileSync(disk))).toBe(true);
  });

  it("is found again when its file comes back", async () => {
    const pack = only(packsOf.first);
    renameSync(pack, path.join(folder, "aside"));
    expect(await core.synced(repositoryId)).toMatchObject({ packsLost: 1, recordsLost: 3, pointsLost: 2 });
    renameSync(path.join(folder, "aside"), pack);
    expect(await core.synced(repositoryId)).toMatchObject({ packsAdopted: 1, pointsFound: 2, problemCount: 0 });
    const [alert] = await core.db.prisma.alert.findMany({ where: { subjectId: repositoryId } });
    expect(alert?.clearedAt).not.toBeNull();
    expect(await lostOf(first)).toBeNull();
    expect((await core.bytesOf(second.id, "disk")).equals(readFileSync(disk))).toBe(true);
  });

  it("costs nothing where another pack holds the same records", async () => {
    const pack = only(packsOf.second);
    // A second copy, as two captures that run at once make it.
    const domain = await ensureDomain(core.ctx, { repositoryId, tenantId: await tenantId() });
    const { entries } = await readFooter(domain, path.relative(path.join(folder, "repository"), pack));
    await core.db.prisma.record.deleteMany({
      where: { digest: { in: entries.map(({ digest }) => new Uint8Array(digest)) } },
    });
    const writer = new RecordWriter(core.ctx, domain);
    await writer.put(noise("two", 902_848));
    await writer.finish();
    const copy = only(packs().filter((one) => ![...packsOf.first, ...packsOf.second].includes(one)));
    rmSync(copy);
    expect(await core.synced(repositoryId)).toMatchObject({ packsLost: 1, recordsLost: 1, pointsLost: 0 });
    expect(await readable(second)).toBe("no error");
  });
});

const tenantId = async (): Promise<string> =>
  (await core.db.prisma.tenant.findUniqueOrThrow({ where: { name: "Home" } })).id;

describe("a pack that is damaged", () => {
  it("keeps its sound records when it was cut off", async () => {
    const pack = only(packsOf.first);
    // Which of its three blocks lies last in the pack depends on which was hashed last: another point shares the two before it.
    const bytes = noise("one", 3_000_000);
    const last = await lastBlockOf(bytes);
    noise("three", BLOCK_BYTES).copy(bytes, last);
    writeFileSync(disk, bytes);
    const sharing = await core.capture(agent.id);
    truncateSync(pack, 2_200_000);
    expect(await core.synced(repositoryId)).toMatchObject({ packsLost: 0, recordsLost: 1 });
    expect(await lostOf(first)).not.toBeNull();
    expect(await lostOf(sharing)).toBeNull();
    expect(await readable(sharing)).toBe("no error");
    expect(await core.synced(repositoryId, true)).toMatchObject({ recordsLost: 0, pointsLost: 0, pointsFound: 0 });
  });

  it("is found by its records only when these are verified, and is not believed again by a quick look", async () => {
    const pack = only(packsOf.second);
    const bytes = readFileSync(pack);
    bytes[500_000] = (bytes[500_000] ?? 0) ^ 1;
    writeFileSync(pack, bytes);
    expect(await core.synced(repositoryId)).toMatchObject({ recordsLost: 0, pointsLost: 0 });
    expect(await core.synced(repositoryId, true)).toMatchObject({ recordsLost: 1, pointsLost: 1, verifyRecords: true });
    expect(await lostOf(second)).not.toBeNull();
    expect(await core.synced(repositoryId)).toMatchObject({ pointsFound: 0 });
    expect(await lostOf(second)).not.toBeNull();
    bytes[500_000] = (bytes[500_000] ?? 0) ^ 1;
    writeFileSync(pack, bytes);
    expect(await core.synced(repositoryId)).toMatchObject({ pointsFound: 1 });
    expect(await readable(second)).toBe("no error");
  });

  it("loses nothing by a damaged footer", async () => {
    const pack = only(packsOf.first);
    const bytes = readFileSync(pack);
    const at = bytes.length - 20;
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    writeFileSync(pack, bytes);
    const session = await core.synced(repositoryId);
    expect(session).toMatchObject({ recordsLost: 0, pointsLost: 0, problemCount: 1 });
    expect(session.problems[0]?.reason).toBe(
      "The end of this pack is missing or damaged: 3 of 3 records in it are sound.",
    );
    expect(await readable(first)).toBe("no error");
  });

  it("is not taken over under another name, nor are files that nobody knows", async () => {
    const pack = only(packsOf.first);
    const other = "00000000-0000-7000-8000-0000000000ab";
    const home = path.join(folder, "repository/t", await tenantId());
    mkdirSync(path.join(home, "packs/ab"), { recursive: true });
    copyFileSync(pack, path.join(home, "packs/ab", `${other}.pack`));
    writeFileSync(path.join(home, "packs/ab/readme.txt"), "mine");
    writeFileSync(path.join(folder, "repository", "thumbs.db"), "mine");
    writeFileSync(path.join(home, "packs/ab", "00000000-0000-7000-8000-0000000000cd.pack"), "in the wrong folder");
    const session = await core.synced(repositoryId);
    expect(session).toMatchObject({ packsAdopted: 0, packsLost: 0, pointsLost: 0, problemCount: 4 });
    expect(session.problems.map(({ reason }) => reason).sort()).toEqual([
      "This is another pack than its name says. It was left as it is.",
      ...Array.from({ length: 3 }, () => "Twincore did not make this file. It was left as it is."),
    ]);
    expect(filesIn(folder, /readme\.txt$|thumbs\.db$/)).toHaveLength(2);
  });
});

describe("a manifest or a document that storage lost", () => {
  it("marks the point for a manifest that is missing or damaged, and finds it again", async () => {
    const manifests = filesIn(path.join(folder, "repository"), new RegExp(`${second.images[0]?.id}\\.manifest$`));
    const manifest = only(manifests);
    const bytes = readFileSync(manifest);
    rmSync(manifest);
    expect(await core.synced(repositoryId)).toMatchObject({ pointsLost: 1 });
    expect((await lostOf(second))?.reason).toBe("The manifest of the volume disk is missing.");
    writeFileSync(manifest, Buffer.concat([bytes.subarray(0, 10), Buffer.from([1]), bytes.subarray(11)]));
    expect(await core.synced(repositoryId)).toMatchObject({ pointsLost: 0, pointsFound: 0 });
    expect((await lostOf(second))?.reason).toBe("The manifest of the volume disk is damaged.");
    writeFileSync(manifest, bytes);
    expect(await core.synced(repositoryId)).toMatchObject({ pointsFound: 1 });
    expect(await readable(second)).toBe("no error");
  });

  it("writes documents anew that are missing, damaged or say something else", async () => {
    const documents = filesIn(path.join(folder, "repository"), /\/points\/.*\.json$/);
    expect(documents).toHaveLength(2);
    rmSync(documents[0] ?? "");
    writeFileSync(documents[1] ?? "", "{}");
    rmSync(only(filesIn(path.join(folder, "repository"), /\/agents\/.*\.json$/)));
    expect(await core.synced(repositoryId)).toMatchObject({ documentsWritten: 3, pointsLost: 0, problemCount: 0 });
    const rebuilt = await SyncCore.start();
    await rebuilt.repository("rebuilt", path.join(folder, "repository"), true);
    expect(await rebuilt.synced(repositoryId)).toMatchObject({ pointsAdopted: 2, problemCount: 0 });
    expect(await core.synced(repositoryId)).toMatchObject({ documentsWritten: 0 });
    await updateRecoveryPoint(core.ctx, { id: first.id, label: "kept" });
    expect(await core.synced(repositoryId)).toMatchObject({ documentsWritten: 0 });
  });
});
