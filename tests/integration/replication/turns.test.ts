import { describe, expect, it } from "vitest";
import { acquireRun } from "@/lib/engine/replication/lease";
import { sessionsInTurn } from "@/lib/engine/replication/turn";
import { setThrottle, updateReplicationSettings } from "@/lib/engine/replication-settings";
import type { ThrottleWindow } from "@/lib/engine/replication-settings/schemas";
import { runSession, wakeDueSessions } from "@/lib/engine/sessions";
import { until } from "@/tests/support/until";
import { noise } from "./records";
import { around, TwoCores } from "./two-cores";

const MiB = 1024 * 1024;
const ALWAYS: Omit<ThrottleWindow, "percentage"> = { days: [0, 1, 2, 3, 4, 5, 6], start: "00:00", end: "00:00" };
const never = new AbortController().signal;

/** More sessions of the source's pairing, each of an agent of its own with points captured so many minutes ago. */
async function addSessions(cores: TwoCores, minutesAgo: number[][]): Promise<string[]> {
  const { prisma } = cores.source.db;
  const { sourcePairingId: pairingId } = cores.ids;
  const { tenantId, repositoryId } = cores.source;
  const now = Date.now();
  const ids: string[] = [];
  for (const [index, ages] of minutesAgo.entries()) {
    const agent = await prisma.agent.create({
      data: { name: `agent ${index}`, hostName: "", tenantId, repositoryId },
    });
    await prisma.recoveryPoint.createMany({
      data: ages.map((age, sequence) => ({
        id: crypto.randomUUID(),
        agentId: agent.id,
        repositoryId,
        sequence: BigInt(sequence),
        createdAt: new Date(now - age * 60_000),
        logicalBytes: 0n,
        storedBytes: 0n,
      })),
    });
    const session = await prisma.replicationSession.create({
      data: { side: "source", agentId: agent.id, pairingId, nextRunAt: new Date(now - 1000 + index) },
    });
    ids.push(session.id);
  }
  return ids;
}

const begin = (cores: TwoCores, sessionId: string) => acquireRun(cores.source.ctx, sessionId, sessionId, never);

describe("runs of one core", () => {
  it("never go on at once in a larger number than is set, however many ask together", async () => {
    const cores = await TwoCores.start();
    await updateReplicationSettings(cores.source.ctx, { maxConcurrentRuns: 2 });
    const ids = await addSessions(cores, [[3], [2], [1], [4], [5]]);
    const begun = await Promise.all(ids.map((id) => begin(cores, id)));
    expect(begun.filter((leased) => leased !== null).map(({ session }) => session.id)).toEqual(ids.slice(0, 2));
    expect(await cores.source.db.prisma.run.count()).toBe(2);
  });

  it("who has to wait is asked again when a place is free", async () => {
    const cores = await TwoCores.start();
    await updateReplicationSettings(cores.source.ctx, { maxConcurrentRuns: 1 });
    const [first = "", second = ""] = await addSessions(cores, [[1], [1]]);
    await cores.source.db.prisma.replicationSession.update({ where: { id: second }, data: { nextRunAt: null } });
    const leased = await begin(cores, first);
    expect(await begin(cores, second)).toBeNull();
    expect(await sessionsInTurn(cores.source.ctx)).toEqual([]);
    await cores.source.db.prisma.run.update({
      where: { id: leased?.run.id ?? "" },
      data: { state: "succeeded", leaseOwner: null, leaseUntil: null },
    });
    cores.source.enqueued.length = 0;
    await wakeDueSessions(cores.source.ctx);
    expect(cores.source.enqueued).toEqual([{ name: "run-replication", payload: { sessionId: second } }]);
    expect(await begin(cores, second)).not.toBeNull();
  });

  it("begin in the order that is set: as asked, oldest waiting backup first, newest first", async () => {
    const cores = await TwoCores.start();
    const [a, b, c] = await addSessions(cores, [
      [50, 20],
      [90, 80],
      [40, 10],
    ]);
    const order = async (queueStrategy: "manual" | "maximum-retention" | "recency") => {
      await updateReplicationSettings(cores.source.ctx, { queueStrategy });
      return sessionsInTurn(cores.source.ctx);
    };
    expect(await order("manual")).toEqual([a, b, c]);
    expect(await order("maximum-retention")).toEqual([b, a, c]);
    expect(await order("recency")).toEqual([c, a, b]);
    await updateReplicationSettings(cores.source.ctx, { maxConcurrentRuns: 1 });
    expect(await begin(cores, a ?? "")).toBeNull();
    expect(await begin(cores, c ?? "")).not.toBeNull();
  });
});

describe("the throttle schedule", () => {
  it("lets no run begin in a window of 0 %, and each of them afterwards", async () => {
    const cores = await TwoCores.start();
    const pointId = await cores.capture({ disk: noise("disk", MiB) });
    await setThrottle(cores.source.ctx, {
      bandwidthBytesPerSecond: null,
      timeZone: "UTC",
      windows: [{ ...ALWAYS, percentage: 0 }],
    });
    await cores.run();
    expect(cores.calls).toEqual([]);
    expect((await cores.sourceSession()).nextRunAt).not.toBeNull();
    await setThrottle(cores.source.ctx, { bandwidthBytesPerSecond: null, timeZone: "UTC", windows: [] });
    expect(await sessionsInTurn(cores.source.ctx)).toEqual([cores.ids.sourceSessionId]);
    await cores.run();
    expect(await cores.targetPoints()).toEqual([pointId]);
  });

  it("stops a run when such a window begins, and the same run goes on when it is over", async () => {
    const cores = await TwoCores.start();
    const disk = noise("disk", 12 * MiB);
    const pointId = await cores.capture({ disk });
    let shut = false;
    cores.wrap = (target) =>
      around(target, async (name, call) => {
        if (name === "transfer" && !shut) {
          shut = true;
          await setThrottle(cores.source.ctx, {
            bandwidthBytesPerSecond: null,
            timeZone: "UTC",
            windows: [{ ...ALWAYS, percentage: 0 }],
          });
          // The beat that follows hears of it; the transfer that is in flight arrives.
          const { id } = await cores.newestRun();
          const seen = await beats(cores, id);
          await until("two more beats of the run", async () => (await beats(cores, id)) >= seen + 2);
        }
        return call();
      });
    await cores.run();
    const halted = await cores.newestRun();
    expect(halted).toMatchObject({ state: "queued", leaseOwner: null });
    expect(halted.pauseReason).toContain("schedule");
    expect(await cores.targetPoints()).toEqual([]);
    expect(await cores.sourceSession()).toMatchObject({ state: "initializing", consecutiveFailures: 0 });
    await setThrottle(cores.source.ctx, { bandwidthBytesPerSecond: null, timeZone: "UTC", windows: [] });
    await runSession(cores.source.ctx, { id: cores.ids.sourceSessionId });
    await cores.run();
    expect(await cores.newestRun()).toMatchObject({ id: halted.id, state: "succeeded" });
    await cores.expectOnTarget(pointId, { disk });
  });

  it("is the rate of a run, and an edit is felt while it goes on", async () => {
    const cores = await TwoCores.start();
    const disk = noise("disk", 24 * MiB);
    const pointId = await cores.capture({ disk });
    // A tenth of a megabyte in a second: the rest would take minutes.
    await setThrottle(cores.source.ctx, {
      bandwidthBytesPerSecond: 1_000_000,
      timeZone: "UTC",
      windows: [{ ...ALWAYS, percentage: 10 }],
    });
    const running = cores.run();
    await until("a run that the cap holds back", async () => {
      const run = await cores.source.db.prisma.run.findFirst();
      return run?.limitedBy === "rate-cap" && run.state === "running";
    });
    await setThrottle(cores.source.ctx, { bandwidthBytesPerSecond: null, timeZone: "UTC", windows: [] });
    await running;
    await cores.expectOnTarget(pointId, { disk });
  });
});

/** Each beat of a run tells its page. */
const beats = (cores: TwoCores, runId: string): Promise<number> =>
  cores.source.db.prisma.event.count({ where: { kind: "run", subject: runId } });
