import { expect, it } from "vitest";
import { log } from "@/lib/log";
import { createQueue } from "@/lib/queue";
import { until } from "@/tests/support/until";
import { bundled, type TestProcess } from "../queue/bundled-process";
import { noise } from "./records";
import { TwoCores } from "./two-cores";

const MiB = 1024 * 1024;
const SIZE = 200 * MiB;
/** Four transfers of 32 MiB: the largest window there is. */
const WINDOW_MAX = 128 * MiB;

const total = (process: TestProcess, what: "sent" | "acknowledged"): number =>
  process.messages.reduce((sum, message) => sum + Number(message[what] ?? 0), 0);

it.each(["auto", "direct"])(
  "a worker that is killed -9 in the middle of a transfer is replaced, and at most one window is sent again (%s)",
  async (preference) => {
    const cores = await TwoCores.start();
    const disk = noise("disk", SIZE);
    if (preference === "direct") {
      await cores.capture({ disk: Buffer.concat([disk.subarray(0, MiB), noise("base", MiB)]) });
      await cores.run();
    }
    const pointId = await cores.capture({ disk });
    await cores.source.db.prisma.pairing.updateMany({ data: { rateCapBytesPerSecond: BigInt(20 * MiB) } });
    const start = await bundled("tests/integration/replication/worker-process.ts");
    const env = {
      DATABASE_URL: cores.source.db.url,
      TARGET_DATABASE_URL: cores.target.db.url,
      TARGET_PAIRING_ID: cores.ids.targetPairingId,
      PREFERENCE: preference,
    };
    const queue = createQueue(cores.source.db, log);
    await queue.enqueue(
      "run-replication",
      { sessionId: cores.ids.sourceSessionId },
      { key: cores.ids.sourceSessionId },
    );
    const first = start(env);
    await until("the first worker has sent a part", () => total(first, "acknowledged") > 30 * MiB);
    await first.kill();
    const acknowledged = total(first, "acknowledged");
    const sentInVain = total(first, "sent") - acknowledged;
    const run = await cores.newestRun();
    expect(run.state).toBe("running");
    await cores.source.db.prisma.pairing.updateMany({ data: { rateCapBytesPerSecond: null } });
    const second = start(env);
    await until("the second worker has done the rest", async () => (await cores.newestRun()).state === "succeeded");
    expect(await cores.newestRun()).toMatchObject({
      id: run.id,
      mode: preference === "direct" ? "direct" : "negotiated",
    });
    await cores.expectOnTarget(pointId, { disk });
    // What was acknowledged never crosses again; what was in flight is at most a window.
    expect(total(second, "sent")).toBeLessThan(SIZE - acknowledged + 2 * MiB);
    expect(sentInVain).toBeLessThan(WINDOW_MAX);
    expect(await second.stop()).toBe(0);
    await queue.stop();
  },
  120_000,
);
