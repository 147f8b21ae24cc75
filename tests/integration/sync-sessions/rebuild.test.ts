import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { getAgent, updateAgent } from "@/lib/engine/agents";
import { getRecoveryPoint, removeRecoveryPoint, updateRecoveryPoint } from "@/lib/engine/recovery-points";
import { getRepository } from "@/lib/engine/repositories";
import { setAgentQuota } from "../../support/quotas";
import { makeTree } from "../../support/tree";
import { readTree } from "../capture/tree";
import { noise } from "../records/store";
import { SyncCore, temporaryFolder } from "./sync-core";

describe("a core whose database is lost", () => {
  it("has every recovery point again from the folders alone, byte for byte, with labels, locks and what was deleted gone", async () => {
    const folder = temporaryFolder();
    const at = (name: string) => path.join(folder, name);
    const lost = await SyncCore.start();
    const first = await lost.repository("first", at("first"));
    const second = await lost.repository("second", at("second"));
    const tree = at("tree");
    mkdirSync(tree);
    makeTree(tree);
    writeFileSync(at("disk.img"), noise("disk", 5_000_000));
    const server = await lost.agent("server", first, [
      { kind: "folder", name: "files", path: tree, excludes: ["*.tmp"] },
      { kind: "image", name: "disk", path: at("disk.img") },
    ]);
    const dumps = await lost.agent("dumps", second, []);
    const points = [await lost.capture(server.id)];
    writeFileSync(path.join(tree, "changed.txt"), "changed");
    writeFileSync(at("disk.img"), Buffer.concat([noise("disk", 3_000_000), noise("other", 2_000_000)]));
    points.push(await lost.capture(server.id));
    const deleted = await lost.capture(server.id);
    points.push(await lost.capture(server.id, [server.volumes[0]?.id ?? ""]));
    points.push(await lost.stream(dumps.id, "dump", noise("dump", 3_000_001)));
    const [, labelled] = points;
    await updateRecoveryPoint(lost.ctx, { id: labelled?.id ?? "", label: "before the upgrade", locked: true });
    await updateAgent(lost.ctx, { id: server.id, labels: ["important"] });
    await setAgentQuota(lost.db, server.id, 9_000_000_000n);
    await removeRecoveryPoint(lost.ctx, { id: deleted.id });
    await lost.writeDocuments();
    const before = await everything(lost, points);
    await lost.db.prisma.$executeRawUnsafe("drop schema public cascade");

    const core = await SyncCore.start();
    expect(await core.repository("eins", at("first"), true)).toBe(first);
    expect(await core.repository("zwei", at("second"), true)).toBe(second);
    expect(await getRepository(core.ctx, { id: first })).toMatchObject({ isOutOfSync: true, syncedAt: null });
    expect(await core.synced(first)).toMatchObject({ pointsAdopted: 3, problemCount: 0 });
    expect(await core.synced(second)).toMatchObject({ pointsAdopted: 1, problemCount: 0 });

    expect(await everything(core, points)).toEqual(before);
    expect(await core.db.prisma.tenant.findMany({ select: { name: true } })).toEqual([{ name: "Home" }]);
    expect(await core.db.prisma.recoveryPoint.count()).toBe(points.length);
    expect(await getRecoveryPoint(core.ctx, { id: labelled?.id ?? "" })).toMatchObject({
      label: "before the upgrade",
      locked: true,
      sequence: 2,
      lost: null,
      ledBy: null,
    });
    const agent = await getAgent(core.ctx, { id: server.id });
    expect(agent).toMatchObject({ name: "server", hostName: "server.example", labels: ["important"], source: null });
    expect(agent.quotaBytes).toBe(9_000_000_000);
    expect(agent.volumes).toMatchObject([
      { name: "disk", kind: "image", path: at("disk.img") },
      { name: "files", kind: "folder", path: tree, excludes: ["*.tmp"] },
    ]);
    const repository = await getRepository(core.ctx, { id: first });
    expect(repository).toMatchObject({ isOutOfSync: false, recoveryPoints: 3, agents: 1, lostPoints: 0 });
    expect(repository.syncedAt).not.toBeNull();
    expect(repository.samples.at(-1)).toMatchObject({ storedBytes: repository.storedBytes, recoveryPoints: 3 });

    await core.restore(points[1]?.id ?? "", "files", at("restored"));
    expect(readTree(at("restored"))).toEqual(readTree(tree));
    // Work goes on: the next capture has a number of its own and stores nothing again.
    const next = await core.capture(server.id);
    expect(next).toMatchObject({ sequence: 5, storedBytes: 0 });
    expect(await core.synced(first)).toMatchObject({
      packsAdopted: 0,
      pointsAdopted: 0,
      pointsLost: 0,
      problemCount: 0,
    });
  });
});

/** All images of the points: a folder as a tar. */
async function everything(core: SyncCore, points: readonly { id: string; images: { volumeName: string }[] }[]) {
  const found: Record<string, string> = {};
  for (const { id, images } of points)
    for (const { volumeName } of images) {
      const bytes = await core.bytesOf(id, volumeName);
      found[`${id} ${volumeName}`] = createHash("sha256").update(bytes).digest("hex");
    }
  return found;
}
