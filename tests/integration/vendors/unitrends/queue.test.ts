import { beforeAll, describe, expect, it } from "vitest";
import { pairCores } from "../../../support/pair";
import { PeerCore } from "../../../support/peer-core";
import { VendorCore } from "../../../support/vendor-core";
import { UnitrendsClient } from "./client";

const WAITING = 2_300;
let core: VendorCore;
let client: UnitrendsClient;
let agentId: string;
beforeAll(async () => {
  core = await VendorCore.start("Harbour");
  const target = await PeerCore.start("Vault");
  ({
    agentIds: [agentId = ""],
  } = await pairCores(core.peer, target));
  const { repositoryId } = await core.peer.db.prisma.agent.findUniqueOrThrow({ where: { id: agentId } });
  await core.peer.db.pool.query(
    `insert into recovery_point (id, agent_id, repository_id, sequence, created_at, logical_bytes, stored_bytes)
     select gen_random_uuid(), $1, $2, n, timestamptz '2026-11-01' + n * interval '1 minute', 1048576, 0
     from generate_series(1, $3) n`,
    [agentId, repositoryId, WAITING],
  );
  client = await UnitrendsClient.signIn(core);
});

const session = () => core.peer.db.prisma.replicationSession.findFirstOrThrow({ where: { agentId } });
const numbers = async () =>
  (await core.peer.db.prisma.recoveryPoint.findMany({ where: { agentId }, orderBy: { sequence: "asc" } })).map(
    (point) => Number(point.number),
  );

describe("the replication queue", () => {
  it("tells all that waits by pages, none twice, and its number in all", async () => {
    const page = async (start: number) => {
      const { data } = (await client.get(`/api/replication/queue?start_position=${start}&limit=1000`)).body;
      expect(data[0]).toMatchObject({ start_position: start, total_inactive: WAITING, active: [] });
      return data[0].inactive;
    };
    const rows = [await page(1), await page(1001), await page(2001)].flat();
    expect(rows.map((row: { backup_id: number }) => row.backup_id)).toEqual(await numbers());
    expect(rows.map((row: { queue_position: number }) => row.queue_position)).toEqual(
      Array.from({ length: WAITING }, (_, index) => index + 1),
    );
    expect(rows[0]).toEqual({
      queue_position: 1,
      target: "Vault",
      backup_id: (await numbers())[0],
      type: "replication",
      name: "db",
      instance_name: "db",
      size: 1,
      start_date: "2026-11-01 00:01:00",
      status: "Needed",
    });
    expect((await client.get("/api/replication/queue/inactive?limit=2")).body.inactive[0]).toHaveLength(2);
    expect((await client.get("/api/replication/queue?sid=4711")).body.data[0].total_inactive).toBe(0);
    expect((await client.get("/api/replication/queue?limit=9999")).status).toBe(500);
  });

  it("shows a run that goes on with the backup it is at, which waits no longer", async () => {
    const { id } = await session();
    const { prisma } = core.peer.db;
    const run = await prisma.run.create({
      data: {
        sessionId: id,
        state: "running",
        phase: "transfer",
        bytesTotal: 8n * 1024n * 1024n,
        bytesDone: 1024n * 1024n,
        etaSeconds: 93_780,
        startedAt: new Date("2026-11-21T10:00:00Z"),
        leaseOwner: "test",
        leaseUntil: new Date(Date.now() + 3600_000),
      },
    });
    const [first] = await numbers();
    const { active } = (await client.get("/api/replication/queue/active")).body;
    expect(active).toEqual([
      [
        expect.objectContaining({
          backup_id: first,
          name: "Replicate (2/4)",
          target: "Vault",
          system_name: "Harbour",
          percent_complete: "12.5%",
          phase_completion: "1d 2h 3m",
          size: 8,
          data_written: 1,
          start_date: "2026-11-21 10:00:00",
          status: "running",
          suspendable: false,
          cancellable: true,
        }),
      ],
    ]);
    const { data } = (await client.get("/api/replication/queue?limit=1")).body;
    expect(data[0]).toMatchObject({ total_inactive: WAITING - 1, inactive: [{ backup_id: (await numbers())[1] }] });
    await prisma.run.delete({ where: { id: run.id } });
  });

  it("takes backups and asks for a run; again is no error; refuses what it does not know", async () => {
    const { id } = await session();
    await core.peer.db.prisma.replicationSession.update({ where: { id }, data: { nextRunAt: null } });
    const [backup_id] = await numbers();
    for (const path of ["queue", "queue/add", "add", "target-queue", "queue"])
      expect((await client.post(`/api/replication/${path}`, { backup_id, target: "vault" })).status).toBe(201);
    expect((await session()).nextRunAt).not.toBeNull();
    const refused = async (
      answer: Promise<{ status: number; body: { result: { message: string }[] } }>,
      why: RegExp,
    ) => {
      const { status, body } = await answer;
      expect([status, body.result[0]?.message]).toEqual([500, expect.stringMatching(why)]);
    };
    await refused(client.post("/api/replication/queue", { backup_id: 999_999, target: "Vault" }), /no such backup/);
    await refused(client.post("/api/replication/queue", { backup_id, target: "elsewhere" }), /not replicated to that/);
    await refused(client.post("/api/replication/queue", { target: "Vault" }), /backup_id/);
    await refused(client.put("/api/replication/queue", { backups: [backup_id], action: "explode" }), /action/);
    await refused(client.get("/api/replication/is_in_queue"), /backup_ids/);
    expect((await client.put("/api/replication/queue", { backups: [backup_id], action: "reset" })).status).toBe(200);
    expect((await client.put("/api/replication/restart")).status).toBe(200);
  });

  it("says how backups stand: what failed, what was done, what is needed", async () => {
    const { id } = await session();
    const points = await core.peer.db.prisma.recoveryPoint.findMany({
      where: { agentId },
      orderBy: { sequence: "asc" },
    });
    const [done, next] = points;
    await core.peer.db.prisma.replicationSession.update({
      where: { id },
      data: { newestPointId: done?.id, state: "system_paused", failureCode: "unavailable" },
    });
    const ids = [Number(done?.number), Number(next?.number)];
    expect((await client.get(`/api/replication/is_in_queue/?backup_ids=${ids.join(",")}`)).body.QueueStatus).toEqual([
      { backup_id: ids[0], status: "Done" },
      { backup_id: ids[1], status: "Failed" },
    ]);
    const { inactive } = (await client.get("/api/replication/queue/inactive?limit=2")).body;
    expect(inactive[0].map(({ status }: { status: string }) => status)).toEqual(["Failed", "Needed"]);
  });

  it("is changed by those who operate the core alone", async () => {
    const reader = await UnitrendsClient.signIn(core, "reader");
    expect((await reader.get("/api/replication/queue?limit=1")).status).toBe(200);
    const [backup_id] = await numbers();
    expect((await reader.post("/api/replication/queue", { backup_id, target: "Vault" })).status).toBe(403);
    expect((await reader.put("/api/replication/restart")).status).toBe(403);
  });
});

describe("the queue's order, the limits and the throttle", () => {
  it("are set by a client's words, and told in the same words", async () => {
    for (const [given, strategy] of [
      ["Maximum Retention", "Maximum Retention"],
      ["recency", "Recency"],
      ["0", "Manual"],
    ]) {
      expect((await client.put("/api/replication/queue/strategy", { strategy: given })).status).toBe(200);
      expect((await client.get("/api/replication/queue/strategy")).body).toEqual({ strategy });
    }
    const config = { max_concurrent: "7", report_mail_to: "ops@example.com", report_time: "6:30", queue_value: 2 };
    expect((await client.put("/api/replication/config", config)).status).toBe(200);
    expect((await client.get("/api/replication/config")).body.config).toEqual({
      max_concurrent: 7,
      report_mail_to: "ops@example.com",
      report_time: "06:30",
      queue_scheme: "2",
      strategy: "Recency",
      enabled: true,
    });
    expect((await client.put("/api/replication/config", { max_concurrent: 2 })).status).toBe(200);
    expect((await client.get("/api/replication/config")).body.config).toMatchObject({
      max_concurrent: 2,
      report_time: "06:30",
    });
    for (const wrong of [
      { max_concurrent: 0 },
      { report_time: "noon" },
      { queue_value: "random" },
      { report_mail_to: "x" },
    ])
      expect((await client.put("/api/replication/config", wrong)).status).toBe(500);
  });

  it("keep what a client does not send: windows, blockouts, bandwidth and time zone", async () => {
    const day = { percentage: 25, days: ["Mon", 2], start: "08:00", end: "18:00" };
    const night = { days: [6], start: "22:00", end: "06:00" };
    expect((await client.put("/api/replication/throttle", { throttle: [day] })).status).toBe(500);
    const given = { throttle: [day], bandwidth: 100_000, BlockoutPeriod: [night], time_zone: "Europe/Berlin" };
    expect((await client.put("/api/replication/throttle", given)).status).toBe(200);
    const told = (await client.get("/api/replication/throttle")).body;
    expect(told).toMatchObject({
      throttle: [{ percentage: 25, days: [1, 2], start: "08:00", end: "18:00" }],
      BlockoutPeriod: [{ percentage: 0, days: [6], start: "22:00", end: "06:00" }],
      time_zone: "Europe/Berlin",
    });
    expect(told.bandwidths.filter(({ selected }: { selected: boolean }) => selected)).toEqual([
      { name: "100 Mbit/s", value: 100_000, selected: true },
    ]);
    // A client that sends back what it was told changes nothing.
    expect((await client.put("/api/replication/throttle", told)).status).toBe(200);
    expect((await client.get("/api/replication/throttle")).body).toEqual(told);
    expect((await client.put("/api/replication/throttle", { throttle: [] })).status).toBe(200);
    expect((await client.get("/api/replication/throttle")).body).toEqual({ ...told, throttle: [] });
  });
});
