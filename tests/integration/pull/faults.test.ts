import { beforeAll, expect, it } from "vitest";
import { TwincoreError } from "@/lib/errors";
import { noise, readBytes } from "../replication/records";
import { around, TwoCores } from "../replication/two-cores";
import { captureThere, failOver } from "./failed-over";

const KiB = 1024;

let cores: TwoCores;
beforeAll(async () => {
  cores = await TwoCores.start();
  await cores.capture({ disk: noise("first", 400 * KiB) });
  await cores.run();
  await failOver(cores);
});

const NAMES = [
  "selectLeadingPoints",
  "verifyAbility",
  "startPullJob",
  "readLeadingMetadata",
  "describeLeadingPoint",
  "readImageManifest",
  "readImageRecords",
  "acknowledgePull",
] as const;

it.each(NAMES.flatMap((name) => [[name, "before it arrived"] as const, [name, "after it was done"] as const]))(
  "a fetch goes on by itself when %s was lost %s",
  async (name, when) => {
    const disk = noise(`${name} ${when}`, 300 * KiB);
    const pointId = await captureThere(cores, { disk });
    let lost = false;
    cores.wrap = (target) =>
      around(target, async (called, call) => {
        const now = called === name && !lost;
        if (now) lost = true;
        const answer = now && when === "before it arrived" ? null : await call();
        if (now) throw new TwincoreError("unavailable", "The line is down.");
        return answer;
      });
    await cores.run();
    expect(lost).toBe(true);
    await cores.run();
    expect(await cores.sourceSession()).toMatchObject({ state: "ok", newestPointId: pointId, failureCode: null });
    expect((await cores.targetSession()).newestPointId).toBe(pointId);
    expect((await readBytes(cores.source.ctx, pointId)).get("disk")?.equals(disk)).toBe(true);
    const again = await cores.source.db.prisma.recoveryPoint.count();
    expect(again).toBe(await cores.target.db.prisma.recoveryPoint.count());
  },
);
