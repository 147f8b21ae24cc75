import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { writeDisk } from "@/tests/support/disk";
import { ReplicatingPair } from "@/tests/support/replicating-pair";
import { until } from "@/tests/support/until";
import { expectInvariants } from "./invariants";

/** What the engine keeps free, and less than the disk that is going to be replicated. */
const SMALL = "330m";
const LARGE = "900m";
const DISK_PIECES = 128;

const mountPoint = mkdtempSync(path.join(tmpdir(), "twincore-small-disk-"));
const mounted = mount("-t", "tmpfs", "-o", `size=${SMALL}`, "tmpfs");
let pair: ReplicatingPair;

/** Only root may mount; everywhere else the test says that it was left out. */
function mount(...options: string[]): boolean {
  return spawnSync("mount", [...options, mountPoint]).status === 0;
}

beforeAll(async () => {
  if (mounted) pair = await ReplicatingPair.start(path.join(mountPoint, "repository"));
}, 180_000);

afterAll(async () => {
  await pair?.stop();
  if (mounted) spawnSync("umount", [mountPoint]);
  rmSync(mountPoint, { recursive: true, force: true });
});

/** The run waits, says why on both sides of the API, and nothing half done is listed. */
async function expectPausedForSpace() {
  const paused = await until("a session that waits for space", async () => {
    const session = await pair.session();
    return session.state === "system_paused" && session;
  });
  expect(`${paused.failure?.message} ${paused.run?.pauseReason}`).toMatch(/space|full/i);
}

describe.skipIf(!mounted)("a full disk of the target", () => {
  it("pauses the run with that reason, and the run goes on by itself when there is space", async () => {
    const sha256 = await writeDisk(pair.disk, DISK_PIECES, 1);
    const point = await pair.capture();
    await expectPausedForSpace();
    expect(await pair.target.rows("select id from recovery_point")).toEqual([]);
    mount("-o", `remount,size=${LARGE}`);
    await pair.arrived(point);
    expect((await pair.settled()).failure).toBeNull();
    await expectInvariants(pair, new Map([[point.id, sha256]]), [point.id]);
  }, 300_000);

  it("in the middle of a pack loses nothing that was acknowledged, and the run goes on by itself", async () => {
    const sha256 = await writeDisk(pair.disk, DISK_PIECES, 2);
    const held = pair.proxy.holdAfter((DISK_PIECES / 3) * 1024 * 1024);
    const point = await pair.capture();
    await held;
    const filler = path.join(mountPoint, "filler");
    spawnSync("dd", ["if=/dev/zero", `of=${filler}`, "bs=1M"]);
    pair.proxy.resume();
    await expectPausedForSpace();
    rmSync(filler);
    await pair.arrived(point);
    expect((await pair.settled()).failure).toBeNull();
    await expectInvariants(pair, new Map([[point.id, sha256]]), [point.id]);
  }, 300_000);
});
