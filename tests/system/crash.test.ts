import { randomInt } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { adminContract } from "@/lib/admin/contract";
import { sizeWindow } from "@/lib/engine/replication/window";
import { randomNumbers } from "@/scripts/bench/random.mjs";
import { writeDisk } from "@/tests/support/disk";
import { ReplicatingPair } from "@/tests/support/replicating-pair";
import { type Disaster, disasterNames, disasters } from "./disasters";
import { expectInvariants } from "./invariants";

const DISK_PIECES = 128;
/** More of them with TWINCORE_TEST_ROUNDS=50. */
const RANDOM_ROUNDS = Number(process.env.TWINCORE_TEST_ROUNDS ?? 3);
/**
 * The window is rate × time, and the time grows with the target's answers: a low rate makes it small beside the disk, so that
 * sending everything again could not hide in it, also on a machine so busy that an answer takes half a second.
 */
const RATE_CAP_BYTES = 24 * 1024 * 1024;
const BURST = 1.25;
const { transferBytes, inFlight } = sizeWindow({ bytesPerSecond: RATE_CAP_BYTES * BURST, answerMs: 500 });
const WINDOW_BYTES = transferBytes * inFlight;
/** Keys, status reports, TLS records and handshakes: what a run sends beside its records. */
const OVERHEAD_SHARE = 0.01;
const OVERHEAD_BYTES = 2 * 1024 * 1024;

const seed = Number(process.env.TWINCORE_TEST_SEED ?? randomInt(2 ** 31));
const random = randomNumbers(seed);
const captured = new Map<string, string>();
let pair: ReplicatingPair;
let disks = 0;

beforeAll(async () => {
  console.log(`random moments come from TWINCORE_TEST_SEED=${seed}`);
  pair = await ReplicatingPair.start();
  await pair.source.call(adminContract.updatePairing, { id: pair.pairing.id, rateCapBytesPerSecond: RATE_CAP_BYTES });
}, 180_000);

afterAll(() => pair?.stop());

/** A new disk is captured; its transfer is held when `share` of it has passed, and the disaster happens. Nobody helps afterwards. */
async function survive(disaster: Disaster, share: number) {
  const sha256 = await writeDisk(pair.disk, DISK_PIECES, seed + disks++);
  const before = pair.proxy.sourceBytes;
  const held = pair.proxy.holdAfter(Math.floor(share * DISK_PIECES * 1024 * 1024 * 0.75));
  const point = await pair.capture();
  captured.set(point.id, sha256);
  await held;
  await disasters[disaster](pair);
  pair.proxy.resume();
  const arrived = await pair.arrived(point);
  await pair.settled();
  const resent = pair.proxy.sourceBytes - before - point.storedBytes;
  console.log(
    `${disaster}: ${(resent / 2 ** 20).toFixed(1)} MiB beside ${(point.storedBytes / 2 ** 20).toFixed(1)} MiB`,
  );
  expect(resent, "bytes sent again").toBeLessThanOrEqual(
    WINDOW_BYTES + OVERHEAD_BYTES + OVERHEAD_SHARE * point.storedBytes,
  );
  expect(arrived.images[0]?.manifestDigest).toBe(point.images[0]?.manifestDigest);
  await expectInvariants(pair, captured, [point.id]);
}

describe("a replication goes on by itself and resends at most one window after", () => {
  it.each(disasterNames)("%s", (disaster) => survive(disaster, 0.2 + 0.6 * random.next()), 300_000);
});

describe("and at random moments", () => {
  const rounds = Array.from({ length: RANDOM_ROUNDS }, (_, i) => ({
    round: i + 1,
    disaster: disasterNames[random.below(disasterNames.length)] ?? disasterNames[0],
    share: 0.02 + 0.95 * random.next(),
  }));
  it.each(rounds)(
    "$round: $disaster at $share of the disk",
    ({ disaster, share }) => survive(disaster as Disaster, share),
    300_000,
  );
});

it("every recovery point of both cores reads back as it was captured", () => expectInvariants(pair, captured), 300_000);
