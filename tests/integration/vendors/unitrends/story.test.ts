import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { runReplication } from "@/lib/engine/replication";
import { createRepository } from "@/lib/engine/repositories";
import { wakeDueSessions } from "@/lib/engine/sessions";
import { connectTarget } from "@/lib/jobs/connect-target";
import { withAgents } from "../../../support/peer-core";
import { VendorCore } from "../../../support/vendor-core";
import { captureBytes, noise, readBytes } from "../../replication/records";
import { UnitrendsClient } from "./client";

const folder = mkdtempSync(path.join(tmpdir(), "twincore-unitrends-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const DISK = noise("disk", 3 * 1024 * 1024);

let source: VendorCore;
let target: VendorCore;
let sourceClient: UnitrendsClient;
let targetClient: UnitrendsClient;
let pointId: string;
let agentId: string;
beforeAll(async () => {
  source = await VendorCore.start("Harbour");
  target = await VendorCore.start("Vault");
  const { agentIds } = await withAgents(source.peer, ["db"]);
  agentId = agentIds[0] ?? "";
  const { id } = await createRepository(source.peer.ctx(), { name: "real", path: path.join(folder, "source") });
  await source.peer.db.prisma.agent.update({ where: { id: agentId }, data: { repositoryId: id } });
  await createRepository(target.peer.ctx(), { name: "second", path: path.join(folder, "second") });
  await createRepository(target.peer.ctx(), { name: "real", path: path.join(folder, "target") });
  const volume = await source.peer.db.prisma.volume.create({
    data: { agentId, name: "disk", kind: "image", path: "/x" },
  });
  pointId = await captureBytes(source.peer.ctx(), agentId, [{ volumeId: volume.id, name: "disk", bytes: DISK }]);
  [sourceClient, targetClient] = [await UnitrendsClient.signIn(source), await UnitrendsClient.signIn(target)];
});

const hostOf = (core: VendorCore) => new URL(core.peer.url).host;

/** As a worker does it. */
async function replicate(): Promise<void> {
  const ctx = source.peer.ctx({ kind: "job", name: "run-replication" });
  const { id: sessionId } = await source.peer.db.prisma.replicationSession.findFirstOrThrow();
  const { signal } = new AbortController();
  await runReplication(ctx, { sessionId, owner: "worker", signal, connect: connectTarget(ctx) });
}

it("asks a target, which accepts through its own door; the source polls, and the first backup arrives byte for byte", async () => {
  // An unknown certificate first: nothing was sent before somebody confirms it.
  const unknown = await sourceClient.post("/api/replication/target", { type: "appliance", target: hostOf(target) });
  expect(unknown.status).toBe(412);
  expect(unknown.body).toMatchObject({ error_code: 60, result: [{ message: expect.stringContaining("fingerprint") }] });
  expect((await targetClient.get("/api/replication/pending")).body.pending).toEqual([]);

  const sent = await sourceClient.post("/api/replication/target", {
    type: "appliance",
    target: hostOf(target),
    insecure: 1,
  });
  expect(sent.status).toBe(201);
  const twice = await sourceClient.post("/api/replication/target", {
    type: "appliance",
    target: hostOf(target),
    insecure: 1,
  });
  expect([twice.status, twice.body.result[0].message]).toEqual([500, expect.stringContaining("waits")]);
  expect((await sourceClient.get("/api/replication/targets")).body.targets).toMatchObject([{ status: "pending" }]);
  expect((await sourceClient.get("/api/replication/targets?include_incomplete_systems=false")).body.targets).toEqual(
    [],
  );

  const { pending } = (await targetClient.get("/api/replication/pending")).body;
  expect(pending).toMatchObject([{ host: "Harbour", status: "pending" }]);
  const { storage } = (await targetClient.get("/api/storage?usage=backup")).body;
  const storage_id = storage.find(({ name }: { name: string }) => name === "real").id;
  const accepted = await targetClient.post("/api/replication/source", {
    request_id: pending[0].request_id,
    accept: true,
    storage_id,
  });
  expect(accepted.status).toBe(201);

  await source.peer.runPolls();
  const { targets } = (await sourceClient.get("/api/replication/targets?include_name_field=1")).body;
  expect(targets).toMatchObject([{ status: "complete", name: "Vault", host: "127.0.0.1" }]);
  const waiting = (await sourceClient.get("/api/replication/queue")).body.data[0];
  expect(waiting).toMatchObject({ total_inactive: 1, active: [], inactive: [{ target: "Vault", status: "Needed" }] });

  await replicate();
  const arrived = await readBytes(target.peer.ctx(), pointId);
  expect(arrived.get("disk")?.equals(DISK)).toBe(true);
  const point = await target.peer.db.prisma.recoveryPoint.findUniqueOrThrow({ where: { id: pointId } });
  expect((await target.peer.db.prisma.repository.findUniqueOrThrow({ where: { id: point.repositoryId } })).name).toBe(
    "real",
  );
  expect((await sourceClient.get("/api/replication/queue")).body.data[0].total_inactive).toBe(0);
  const { backup_id } = waiting.inactive[0];
  expect((await sourceClient.get(`/api/replication/is_in_queue?backup_ids=${backup_id},999999`)).body).toEqual({
    QueueStatus: [{ backup_id, status: "Done" }],
  });

  const systems = (await targetClient.get("/api/systems")).body.appliance;
  expect(systems).toMatchObject([
    { id: 1, role: "Target", local: true },
    { role: "Non-Managed Replication Source", is_pending: false, request_id: null, status: "available", online: true },
  ]);
});

it("suspends and resumes a source on the target, and a target on the source, with all their sessions", async () => {
  const { appliance } = (await targetClient.get("/api/systems")).body;
  const source_id = appliance[1].id;
  expect((await targetClient.put("/api/replication/suspend/source", { source_id: [source_id] })).status).toBe(200);
  expect((await targetClient.put("/api/replication/suspend/source", { source_id })).status).toBe(200);
  expect((await targetClient.get(`/api/systems?sid=${source_id}`)).body.appliance[0].status).toBe("suspended");
  expect((await targetClient.put("/api/replication/resume/source", { source_id: String(source_id) })).status).toBe(200);
  expect((await targetClient.put("/api/replication/suspend/source", { source_id: 4711 })).status).toBe(500);

  const target_hostname = "127.0.0.1";
  expect((await sourceClient.put("/api/replication/suspend/target", { target_hostname })).status).toBe(200);
  expect((await sourceClient.get("/api/replication/targets")).body.targets).toMatchObject([
    { status: "suspended", is_suspended_by_source: true },
  ]);
  const { number } = await source.peer.db.prisma.recoveryPoint.findUniqueOrThrow({ where: { id: pointId } });
  const held = await sourceClient.post("/api/replication/queue", { backup_id: Number(number), target: "Vault" });
  expect([held.status, held.body.result[0].message]).toEqual([500, expect.stringContaining("suspended")]);
  source.peer.jobs = [];
  await wakeDueSessions(source.peer.ctx());
  expect(source.peer.jobs.filter(({ name }) => name === "run-replication")).toEqual([]);
  expect((await sourceClient.put("/api/replication/resume/target", { target_hostname })).status).toBe(200);
  expect((await sourceClient.get("/api/replication/targets")).body.targets).toMatchObject([{ status: "complete" }]);
  expect((await sourceClient.put("/api/replication/suspend/target", { target_hostname: "nobody" })).status).toBe(500);
});
