import { expect, it } from "vitest";
import { log } from "@/lib/log";
import { createQueue } from "@/lib/queue";
import { until } from "@/tests/support/until";
import { bundled, type TestProcess } from "../queue/bundled-process";
import { noise, readBytes } from "../replication/records";
import { TwoCores } from "../replication/two-cores";
import { captureThere, failOver } from "./failed-over";

const MiB = 1024 * 1024;
const SIZE = 100 * MiB;
/** Four answers of 32 MiB: the largest window there is. */
const WINDOW_MAX = 128 * MiB;

const received = (process: TestProcess): number =>
  process.messages.reduce((sum, message) => sum + Number(message.received ?? 0), 0);

it("a worker that is killed -9 while it fetches is replaced, and at most one window is fetched again", async () => {
  const cores = await TwoCores.start();
  await cores.capture({ disk: noise("before", MiB) });
  await cores.run();
  await failOver(cores);
  const disk = noise("disk", SIZE);
  const pointId = await captureThere(cores, { disk });
  const { prisma } = cores.source.db;
  const stored = async () => (await prisma.record.count()) * 16 * 1024 - MiB;
  await prisma.pairing.updateMany({ data: { rateCapBytesPerSecond: BigInt(20 * MiB) } });
  const start = await bundled("tests/integration/pull/worker-process.ts");
  const env = {
    DATABASE_URL: cores.source.db.url,
    TARGET_DATABASE_URL: cores.target.db.url,
    TARGET_PAIRING_ID: cores.ids.targetPairingId,
  };
  const queue = createQueue(cores.source.db, log);
  const { sourceSessionId: sessionId } = cores.ids;
  await queue.enqueue("run-replication", { sessionId }, { key: sessionId });
  const first = start(env);
  await until("the first worker has stored a part", async () => (await stored()) > 25 * MiB);
  await first.kill();
  const kept = await stored();
  const inVain = received(first) - kept;
  const run = await cores.newestRun();
  expect(run.state).toBe("running");
  expect(kept).toBeLessThan(SIZE);
  await prisma.pairing.updateMany({ data: { rateCapBytesPerSecond: null } });
  const second = start(env);
  await until("the second worker has done the rest", async () => (await cores.newestRun()).state === "succeeded");
  expect(await cores.newestRun()).toMatchObject({ id: run.id });
  expect((await readBytes(cores.source.ctx, pointId)).get("disk")?.equals(disk)).toBe(true);
  // What is durable never crosses again; what was in flight is at most a window.
  expect(received(second)).toBeLessThan(SIZE - kept + 2 * MiB);
  expect(inVain).toBeLessThan(WINDOW_MAX);
  expect(await second.stop()).toBe(0);
  await queue.stop();
}, 120_000);
