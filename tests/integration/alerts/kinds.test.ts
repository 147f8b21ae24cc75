import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { acknowledgeAlert, ListAlertsInput, listAlerts, watch, watchFilling } from "@/lib/engine/alerts";
import { createChannel, updateChannel } from "@/lib/engine/channels";
import { noteJobFailure, noteJobSuccess } from "@/lib/engine/job-failures";
import { createRepository } from "@/lib/engine/repositories";
import { TwincoreError } from "@/lib/errors";
import { sweep } from "@/lib/jobs/sweep";
import { connectPeer } from "@/lib/peer/connect";
import { getCoreId } from "@/lib/peer/operations/pairing";
import { pairCores } from "../../support/pair";
import { PeerCore } from "../../support/peer-core";

const source = await PeerCore.start("source");
const target = await PeerCore.start("target");
const pair = await pairCores(source, target, ["a", "b", "c", "d"]);
const { prisma } = source.db;
const folder = mkdtempSync(path.join(tmpdir(), "twincore-filling-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const repository = await createRepository(source.ctx(), { name: "disk", path: path.join(folder, "r"), attach: false });
const minutes = (count: number) => count * 60_000;
const days = (count: number) => count * 86_400_000;
const current = async (kind: string, core = source) =>
  (await listAlerts(core.ctx(), ListAlertsInput.parse({ state: "current", kind, limit: 200 }))).items;
const DAY_ROWS = 20;

beforeEach(async () => {
  for (const core of [source, target]) {
    core.aheadMs = 0;
    await core.db.prisma.alert.deleteMany();
  }
});

describe("a repository that fills up", () => {
  const grow = async (bytesPerDay: number) => {
    await prisma.usageSample.deleteMany();
    await prisma.usageSample.createMany({
      data: Array.from({ length: DAY_ROWS }, (_, day) => ({
        repositoryId: repository.id,
        at: new Date(Date.now() - days(DAY_ROWS - 1 - day) - 1_000),
        storedBytes: BigInt(Math.round(1_000_000 + bytesPerDay * day)),
        logicalBytes: 0n,
        recoveryPoints: 0,
      })),
    });
  };

  it("is told with its date, as severe as that is near, and is over when it grows no more", async () => {
    const { freeBytes } = await import("@/lib/engine/repositories/open").then(async ({ openRepository }) =>
      (await openRepository(source.ctx(), repository.id)).storage.space(),
    );
    await grow(freeBytes / 60);
    await watchFilling(source.ctx());
    const scarce = (await current("repository-filling")).length;
    await grow(freeBytes / 20);
    await watchFilling(source.ctx());
    const [alert] = await current("repository-filling");
    expect(alert).toMatchObject({ subject: { kind: "repository", id: repository.id } });
    const inTwenty = new Date(Date.now() + days(20)).toISOString().slice(0, 10);
    const inNineteen = new Date(Date.now() + days(19)).toISOString().slice(0, 10);
    expect([`disk will be full about ${inTwenty}`, `disk will be full about ${inNineteen}`]).toContain(alert?.title);
    await acknowledgeAlert(source.ctx(), { id: alert?.id ?? "" });
    await grow(freeBytes / 5);
    await watchFilling(source.ctx());
    expect(await current("repository-filling")).toMatchObject([
      { severity: "critical", state: scarce ? "acknowledged" : "open" },
    ]);
    await grow(0);
    await watchFilling(source.ctx());
    expect(await current("repository-filling")).toHaveLength(scarce);
  });

  it("whose disk does not answer keeps what is known of it", async () => {
    const gone = await prisma.repository.create({ data: { name: "gone", path: "/nowhere/at/all" } });
    const known = {
      kind: "repository-filling",
      severity: "warning" as const,
      subjectKind: "repository",
      title: "gone will be full",
    };
    await prisma.alert.create({ data: { ...known, subjectId: gone.id, openKey: `repository-filling:${gone.id}` } });
    await watchFilling(source.ctx());
    expect((await current("repository-filling")).map(({ title }) => title)).toContain("gone will be full");
  });
});

describe("a clock that is off", () => {
  const call = async () => {
    const client = await connectPeer(source.ctx({ kind: "system" }), pair.sourceId);
    try {
      await client.call(getCoreId, {});
    } finally {
      client.close();
    }
  };

  it.each([
    [0.5, null],
    [5, "warning"],
    [20, "critical"],
  ] as const)("by %s minutes is told on both cores: %s", async (off, severity) => {
    source.aheadMs = minutes(off);
    await call();
    for (const core of [source, target]) await watch(core.ctx());
    const [here, there] = [await current("clock-skew"), await current("clock-skew", target)];
    expect([here[0]?.severity ?? null, there[0]?.severity ?? null]).toEqual([severity, severity]);
    if (severity)
      expect([here[0]?.title, there[0]?.title]).toEqual([
        expect.stringContaining("behind"),
        expect.stringContaining("ahead"),
      ]);
  });

  it("is over when both agree again", async () => {
    source.aheadMs = minutes(20);
    await call();
    await watch(source.ctx());
    expect(await current("clock-skew")).toHaveLength(1);
    source.aheadMs = 0;
    await call();
    await watch(source.ctx());
    expect(await current("clock-skew")).toEqual([]);
  });
});

describe("a job that fails again and again", () => {
  const fail = (job: string, message: string) =>
    noteJobFailure(source.ctx(), job, new TwincoreError("unavailable", message));

  it("is one alert with a count, whatever numbers and ids its message has, and over when it succeeds", async () => {
    for (let index = 0; index < 82; index++)
      await fail("measure-usage", `Repository ${randomUUID()} “main ${index}” did not answer for ${index} s.`);
    await fail("renew-certificates", "Something else.");
    await watch(source.ctx());
    expect(await current("job-failing")).toMatchObject([{ count: 82, subject: { kind: "job" } }]);
    await noteJobSuccess(source.ctx(), ["measure-usage"]);
    await watch(source.ctx());
    expect(await current("job-failing")).toEqual([]);
  });

  it("is over when it has not failed for two hours", async () => {
    for (let index = 0; index < 3; index++) await fail("tell-session", "It did not answer.");
    await watch(source.ctx());
    expect(await current("job-failing")).toHaveLength(1);
    source.aheadMs = minutes(121);
    await watch(source.ctx());
    expect(await current("job-failing")).toEqual([]);
  });

  it("never has the words of an unknown error, which may hold anything", async () => {
    for (let index = 0; index < 3; index++) await noteJobFailure(source.ctx(), "x", new Error("password=hunter2"));
    expect(JSON.stringify(await prisma.jobFailure.findMany())).not.toContain("hunter2");
    await prisma.jobFailure.deleteMany();
  });

  it("as tasks of many agents is one alert, and over when each has succeeded", async () => {
    const tasks = pair.agentIds.flatMap((agentId) =>
      [1, 2].map((at) => ({
        kind: "capture" as const,
        state: "failed" as const,
        agentId,
        failureCode: "storage_full",
        failureMessage: `The disk is full: ${at} GiB are missing.`,
        createdAt: new Date(Date.now() - minutes(10 * at)),
      })),
    );
    await prisma.task.createMany({ data: tasks });
    await watch(source.ctx());
    expect(await current("job-failing")).toMatchObject([
      { title: "8 captures of 4 agents failed for the same reason", count: 8 },
    ]);
    const done = { kind: "capture" as const, state: "succeeded" as const };
    await prisma.task.createMany({ data: pair.agentIds.map((agentId) => ({ ...done, agentId })) });
    await watch(source.ctx());
    expect(await current("job-failing")).toEqual([]);
  });

  it("is told of parts of the sweep as well", async () => {
    const broken = { ...source.ctx(), enqueue: () => Promise.reject(new TwincoreError("unavailable", "No queue.")) };
    await createChannel(source.ctx(), {
      kind: "webhook",
      name: "hook",
      url: "http://127.0.0.1:9/",
      isInside: true,
      authorityPem: "",
    });
    await prisma.alert.create({
      data: {
        kind: "diverged",
        severity: "warning",
        subjectKind: "agent",
        subjectId: pair.agentIds[0] ?? "",
        title: "x",
        openKey: "x",
      },
    });
    await sweep(broken);
    expect((await prisma.jobFailure.findMany()).map(({ job }) => job)).toContain("sweepDeliveries");
    await sweep(source.ctx());
    expect((await prisma.jobFailure.findMany()).map(({ job }) => job)).not.toContain("sweepDeliveries");
    await prisma.channel.deleteMany();
  });
});

describe("a channel by which nothing arrives", () => {
  it("is an alert after a quarter of an hour, and over when it is switched off", async () => {
    const { id } = await createChannel(source.ctx(), { kind: "email", name: "people", addresses: ["ada@example.com"] });
    await prisma.channel.update({ where: { id }, data: { failingSince: new Date(), lastError: "Nobody answers." } });
    await watch(source.ctx());
    expect(await current("channel-failing")).toEqual([]);
    source.aheadMs = minutes(16);
    await watch(source.ctx());
    expect(await current("channel-failing")).toMatchObject([
      { detail: "Nobody answers.", subject: { kind: "channel", id } },
    ]);
    await updateChannel(source.ctx(), { id, enabled: false });
    await watch(source.ctx());
    expect(await current("channel-failing")).toEqual([]);
  });
});
