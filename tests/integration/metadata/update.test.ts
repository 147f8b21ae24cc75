import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { runMetadataUpdates, sweepMetadata } from "@/lib/engine/metadata";
import { applyMetadataUpdate } from "@/lib/engine/metadata/apply";
import { getPeerCredentials } from "@/lib/engine/pairing";
import { loadCredentials } from "@/lib/engine/pairing/credentials";
import { peerClient } from "@/lib/peer/client";
import type { PeerClient } from "@/lib/peer/client-types";
import { dispatch } from "@/lib/peer/dispatch";
import { CERTIFICATE_HEADER } from "@/lib/peer/identity";
import { PEER_PREFIX } from "@/lib/peer/operation";
import * as metadata from "@/lib/peer/operations/metadata";
import * as usage from "@/lib/peer/operations/usage";
import { pairCores } from "../../support/pair";
import { PeerCore } from "../../support/peer-core";

let target: PeerCore;
let client: PeerClient;
let certificate: string;
let agentId: string;
let othersAgentId: string;
const pointIds = Array.from({ length: 600 }, () => randomUUID());

beforeAll(async () => {
  const source = await PeerCore.start("Harbour");
  const other = await PeerCore.start("Quay");
  target = await PeerCore.start("Vault");
  const pair = await pairCores(source, target);
  const others = await pairCores(other, target);
  agentId = pair.agentIds[0] ?? "";
  othersAgentId = others.agentIds[0] ?? "";
  const { url, key, cert, ca } = await getPeerCredentials(source.ctx(), { pairingId: pair.sourceId });
  client = peerClient({ baseUrl: url, tls: { key, cert, ca } });
  certificate = (await loadCredentials(source.ctx(), pair.sourceId)).cert;
});
afterAll(() => client.close());

beforeEach(async () => {
  target.jobs = [];
  target.aheadMs = 0;
  const { prisma } = target.db;
  await prisma.metadataUpdate.deleteMany();
  await prisma.recoveryPoint.deleteMany();
  await prisma.volume.deleteMany();
  const { repositoryId } = await prisma.agent.findUniqueOrThrow({ where: { id: agentId } });
  const point = { repositoryId, createdAt: new Date(), logicalBytes: 1n, storedBytes: 1n };
  await prisma.recoveryPoint.createMany({
    data: pointIds.map((id, at) => ({ ...point, id, agentId, sequence: BigInt(at) })),
  });
});

const progress = () => client.call(metadata.getMetadataUpdateProgress, { agentId });
const startJob = (change: object = {}) =>
  client.call(metadata.startMetadataUpdateJob, {
    agentId,
    recoveryPoints: pointIds.map((id) => ({ id, label: "new" })),
    ...change,
  });
const runJob = () =>
  runMetadataUpdates(target.ctx({ kind: "job", name: "update-metadata" }), {
    agentId,
    signal: new AbortController().signal,
  });
const labelled = () => target.db.prisma.recoveryPoint.count({ where: { agentId, label: "new" } });

/** Works on the newest update and dies, or is held, after so many batches. */
async function workAndDie(batches: number): Promise<void> {
  const dying = new AbortController();
  const { id } = await target.db.prisma.metadataUpdate.findFirstOrThrow({ where: { state: "running" } });
  let left = batches;
  const signal = Object.create(dying.signal, {
    throwIfAborted: {
      value: () => {
        if (--left === 0) throw Object.assign(new Error("killed"), { code: "ECONNRESET" });
      },
    },
  });
  await expect(applyMetadataUpdate(target.ctx(), id, signal)).rejects.toThrow("killed");
}

describe("a metadata update by a job", () => {
  it("is taken over after the answer, and its progress is true at every step", async () => {
    expect(await progress()).toMatchObject({ status: "Unknown", itemsDone: 0, itemsTotal: 0 });
    await startJob({ labels: ["a", "b"], deletedRecoveryPointIds: [pointIds[0] ?? ""] });
    expect(target.jobs).toEqual([{ name: "update-metadata", payload: { agentId } }]);
    expect(await progress()).toMatchObject({ status: "Running", itemsDone: 0, itemsTotal: 602 });
    await workAndDie(2);
    expect(await progress()).toMatchObject({ status: "Running", itemsDone: 251, itemsTotal: 602 });
    expect(await labelled()).toBe(250);
    await runJob();
    expect(await progress()).toMatchObject({ status: "Succeeded", itemsDone: 602, itemsTotal: 602 });
    expect(await labelled()).toBe(600);
    const { prisma } = target.db;
    expect(await prisma.recoveryPoint.count({ where: { deletedOnSourceAt: { not: null } } })).toBe(1);
    expect(await prisma.agent.findUnique({ where: { id: agentId } })).toMatchObject({ labels: ["a", "b"] });
    expect(await prisma.metadataUpdate.findMany()).toMatchObject([{ request: {}, state: "succeeded" }]);
  });

  it("that was cancelled stops between two batches, and what was taken over stays", async () => {
    await startJob();
    await workAndDie(2);
    await client.call(metadata.cancelRemoteMetadataUpdate, { agentId });
    await client.call(metadata.cancelRemoteMetadataUpdate, { agentId });
    await runJob();
    expect(await progress()).toMatchObject({ status: "Canceled", itemsDone: 251 });
    expect(await labelled()).toBe(250);
  });

  it("takes the place of an older one that waits", async () => {
    await startJob();
    await startJob({ recoveryPoints: [{ id: pointIds[5] ?? "", label: "new" }] });
    await runJob();
    expect(await labelled()).toBe(1);
    expect(await target.db.prisma.metadataUpdate.count({ where: { state: "cancelled" } })).toBe(1);
    expect(await progress()).toMatchObject({ status: "Succeeded", itemsTotal: 2 });
  });

  it("whose worker was lost is asked for again by the sweep, and worked on by two at once is done once", async () => {
    await startJob();
    target.jobs = [];
    await sweepMetadata(target.ctx());
    expect(target.jobs).toEqual([]);
    target.aheadMs = 61_000;
    await sweepMetadata(target.ctx());
    expect(target.jobs).toEqual([{ name: "update-metadata", payload: { agentId } }]);
    const audits = () => target.db.prisma.auditEntry.count({ where: { action: "agent.metadata", subject: agentId } });
    const before = await audits();
    await Promise.all([runJob(), runJob(), runJob()]);
    expect(await progress()).toMatchObject({ status: "Succeeded", itemsDone: 601 });
    expect(await audits()).toBe(before + 1);
  });

  it("that cannot be taken over says why, and does not come back", async () => {
    const foreign = await target.db.prisma.volume.create({
      data: { agentId: othersAgentId, name: "x", kind: "image" },
    });
    await startJob({ volumes: [{ id: foreign.id, displayName: "mine", volumeKind: "image" }] });
    await runJob();
    expect(await progress()).toMatchObject({
      status: "Failed",
      failureReason: { message: expect.stringContaining("volume") },
    });
    expect(await target.db.prisma.volume.findUnique({ where: { id: foreign.id } })).toMatchObject({ name: "x" });
    expect(await labelled()).toBe(0);
  });

  it("touches nothing any more once the pairing is over", async () => {
    await startJob();
    const { pairingId } = await target.db.prisma.agent.findUniqueOrThrow({ where: { id: agentId } });
    await target.db.prisma.agent.update({ where: { id: agentId }, data: { pairingId: null } });
    await runJob();
    await target.db.prisma.agent.update({ where: { id: agentId }, data: { pairingId } });
    expect(await progress()).toMatchObject({ status: "Canceled", itemsDone: 0 });
    expect(await labelled()).toBe(0);
  });
});

describe("a metadata update at once", () => {
  it("is done when it is answered; what it does not say stays", async () => {
    const say = (input: object) => client.call(metadata.startMetadataUpdate, { agentId, ...input });
    await say({ displayName: "db", hostName: "db.example", policies: [{ id: "1", name: "Daily", summary: "7 days" }] });
    await say({});
    const id = pointIds[3] ?? "";
    await say({ recoveryPoints: [{ id, label: "kept", locked: true }] });
    await say({ recoveryPoints: [{ id, locked: false }] });
    const { prisma } = target.db;
    expect(await prisma.agent.findUnique({ where: { id: agentId } })).toMatchObject({
      name: "db",
      hostName: "db.example",
      policies: [{ id: "1", name: "Daily", summary: "7 days" }],
    });
    expect(await prisma.recoveryPoint.findUnique({ where: { id } })).toMatchObject({ label: "kept", locked: false });
    expect(await progress()).toMatchObject({ status: "Succeeded", itemsTotal: 2 });
  });

  it("of another core's agent, or of its points, changes nothing", async () => {
    for (const op of [metadata.startMetadataUpdate, metadata.startMetadataUpdateJob] as const)
      await expect(client.call(op, { agentId: othersAgentId, displayName: "mine" })).rejects.toMatchObject({
        code: "not_found",
      });
    for (const op of [metadata.getMetadataUpdateProgress, metadata.cancelRemoteMetadataUpdate] as const)
      await expect(client.call(op, { agentId: othersAgentId })).rejects.toMatchObject({ code: "not_found" });
    const point = await target.db.prisma.recoveryPoint.update({
      where: { id: pointIds[9] ?? "" },
      data: { agentId: othersAgentId },
    });
    await client.call(metadata.startMetadataUpdate, {
      agentId,
      recoveryPoints: [{ id: point.id, label: "mine", locked: true }],
      deletedRecoveryPointIds: [point.id, randomUUID()],
    });
    expect(await target.db.prisma.recoveryPoint.findUnique({ where: { id: point.id } })).toEqual(point);
  });

  it.each([
    ["more points than a call may tell of", { recoveryPoints: pointIds.concat(pointIds).map((id) => ({ id })) }],
    ["a label without end", { labels: ["x".repeat(61)] }],
    [
      "two volumes of one name",
      { volumes: [1, 2].map(() => ({ id: randomUUID(), displayName: "a", volumeKind: "image" as const })) },
    ],
  ])("with %s is refused", async (_, input) => {
    await expect(client.call(metadata.startMetadataUpdate, { agentId, ...input })).rejects.toMatchObject({
      code: "invalid_input",
    });
  });
});

describe("in the contract's XML", () => {
  const NAMESPACE = "http://apprecovery.com/management/api/2010/05";
  const ask = async (method: string, path: string, body?: string) => {
    const der = Buffer.from(certificate.replace(/-----[A-Z ]+-----|\s/g, ""), "base64");
    const headers = { [CERTIFICATE_HEADER]: der.toString("base64"), ...(body ? { "content-type": "text/xml" } : {}) };
    const request = new Request(`https://vault${PEER_PREFIX}${path}`, { method, headers, body });
    const answer = await dispatch(request, { role: "peer", context: (actor) => target.ctx(actor) });
    return { status: answer.status, text: await answer.text() };
  };

  it("a client of another make updates with members that nobody knows, and with ours", async () => {
    const update = (inner: string) =>
      ask(
        "POST",
        `/slave/agents/${agentId}/metadataUpdate`,
        `<startMetadataUpdateRequest xmlns="${NAMESPACE}">${inner}</startMetadataUpdateRequest>`,
      );
    expect(await update("<somethingElse>1</somethingElse>")).toEqual({ status: 200, text: "" });
    const id = pointIds[1] ?? "";
    const point = `<recoveryPointMetadata><id>${id}</id><locked>true</locked></recoveryPointMetadata>`;
    expect(await update(`<displayName>x</displayName><recoveryPoints>${point}</recoveryPoints>`)).toMatchObject({
      status: 200,
    });
    expect(await target.db.prisma.recoveryPoint.findUnique({ where: { id } })).toMatchObject({ locked: true });
    const { text } = await ask("GET", `/slave/agents/${agentId}/metadataUpdate/status`);
    expect(text).toContain("<job ");
    expect(text).toContain("<itemsTotal>2</itemsTotal>");
  });

  it("usage is told and asked for by a client of another make", async () => {
    const agents = `<agents><agentStorageUsage><displayName>x</displayName><hostName>h</hostName><id>${agentId}</id>
      <newestRpTimestamp>2026-01-02T03:04:05</newestRpTimestamp><oldestRpTimestamp>2026-01-01T03:04:05</oldestRpTimestamp>
      <recoveryPointCount>2</recoveryPointCount><totalBytesProtected>77</totalBytesProtected></agentStorageUsage></agents>`;
    const repositories = `<repositories><reposStorageUsage><bytesFree>1</bytesFree><bytesUsed>2</bytesUsed>
      <id>${randomUUID()}</id><name>main</name></reposStorageUsage></repositories>`;
    const body = `<storageUsageSummary xmlns="${NAMESPACE}">${agents}${repositories}</storageUsageSummary>`;
    expect(await ask("PUT", "/slave/storage", body)).toEqual({ status: 200, text: "" });
    const where = { agentId, origin: "reported" as const };
    expect(await target.db.prisma.usageEntry.findMany({ where })).toMatchObject([{ protectedBytes: 77n }]);
    const { text } = await ask("GET", "/slave/agents/storageUsage");
    expect(text).toContain("<agentStorageUsage><displayName>");
    expect(text).not.toContain(othersAgentId);
    const { agents: measured } = await client.call(usage.getReplicatedAgentsStorageUsage, {});
    expect(measured).toMatchObject([{ id: agentId, recoveryPointCount: 600 }]);
  });
});
