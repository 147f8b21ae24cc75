import { randomUUID } from "node:crypto";
import { beforeAll, expect, it } from "vitest";
import { getOperation, listOperations } from "@/lib/engine/operations";
import { PeerCore } from "@/tests/support/peer-core";
import { type PointRows, withPointRows } from "@/tests/support/point-rows";

let core: PeerCore;
let rows: PointRows;

beforeAll(async () => {
  core = await PeerCore.start("operations");
  rows = await withPointRows(core, 2);
  const { prisma } = core.db;
  const at = new Date("2026-02-01T00:00:00Z");
  await prisma.task.create({
    data: {
      kind: "capture",
      state: "running",
      agentId: rows.agentId,
      bytesDone: 50n,
      bytesTotal: 200n,
      input: { recoveryPointId: randomUUID() },
      createdAt: at,
    },
  });
  await prisma.task.create({
    data: {
      kind: "restore",
      state: "failed",
      agentId: rows.agentId,
      failureCode: "conflict",
      failureMessage: "no",
      createdAt: at,
    },
  });
  await prisma.syncSession.create({
    data: { repositoryId: rows.repositoryId, state: "succeeded", createdBy: "system", pointsAdopted: 4, createdAt: at },
  });
  const pairing = await prisma.pairing.create({
    data: {
      side: "source",
      state: "established",
      peerName: "far",
      requestKeyDigest: Buffer.alloc(32),
      verificationCode: "",
    },
  });
  const image = await prisma.volumeImage.findFirstOrThrow();
  await prisma.replicationRecord.create({
    data: {
      imageId: image.id,
      recoveryPointId: image.recoveryPointId,
      agentId: rows.agentId,
      pairingId: pairing.id,
      destinationRepositoryId: randomUUID(),
      state: "replicating",
      progressPercent: 40,
      createdAt: at,
    },
  });
  const detail = { agentId: rows.agentId, repositoryId: rows.repositoryId, tenantId: rows.tenantId };
  await prisma.auditEntry.create({
    data: { actor: "a", action: "recovery-point.delete", subject: randomUUID(), detail, at },
  });
  await prisma.auditEntry.create({ data: { actor: "a", action: "account.create", subject: "x", at } });
});

it("one list shows captures, restores, replications, syncs and deletions, and nothing else", async () => {
  const { items, total } = await listOperations(core.ctx(), { tenantId: rows.tenantId, limit: 50 });
  expect(total).toBe(5);
  const shown = Object.fromEntries(items.map((item) => [item.kind, [item.state, item.progressPercent]]));
  expect(shown).toEqual({
    capture: ["running", 25],
    restore: ["failed", 0],
    "sync-repository": ["succeeded", 100],
    "replicate-image": ["running", 40],
    "delete-point": ["succeeded", 100],
  });
  for (const { id, kind } of items)
    expect(await getOperation(core.ctx(), { id, tenantId: rows.tenantId })).toMatchObject({ id, kind });
});

it("another tenant sees only what is about no tenant", async () => {
  const { items } = await listOperations(core.ctx(), { tenantId: randomUUID(), limit: 50 });
  expect(items.map(({ kind }) => kind)).toEqual(["sync-repository"]);
});

it("filters narrow it, and pages over thousands show each operation once", async () => {
  const count = async (filter: object) =>
    (await listOperations(core.ctx(), { tenantId: rows.tenantId, limit: 0, ...filter })).total;
  expect(await count({ kinds: ["capture", "restore"] })).toBe(2);
  expect(await count({ kinds: [] })).toBe(0);
  expect(await count({ states: ["running"] })).toBe(2);
  expect(await count({ repositoryId: rows.repositoryId })).toBe(5);
  expect(await count({ repositoryId: randomUUID() })).toBe(0);
  expect(await count({ resourceId: rows.agentId })).toBe(4);
  expect(await count({ from: new Date("2026-02-02T00:00:00Z") })).toBe(0);
  await core.db.prisma.$executeRaw`
    insert into task (id, kind, state, agent_id, created_at, updated_at)
    select gen_random_uuid(), 'capture', 'succeeded', ${rows.agentId}::uuid, '2026-03-01'::timestamptz + n * interval '1 second', now()
    from generate_series(1, 2100) as n`;
  const seen = new Set<string>();
  for (let offset = 0; offset < 2_105; offset += 1_000)
    for (const { id } of (await listOperations(core.ctx(), { tenantId: rows.tenantId, limit: 1_000, offset })).items)
      seen.add(id);
  expect(seen.size).toBe(2_105);
});
