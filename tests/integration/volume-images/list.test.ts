import { randomUUID } from "node:crypto";
import { beforeAll, expect, it } from "vitest";
import { getVolumeImage, listVolumeImages } from "@/lib/engine/volume-images";
import { PeerCore } from "@/tests/support/peer-core";
import { type PointRows, withPointRows } from "@/tests/support/point-rows";

let core: PeerCore;
let many: PointRows;
let other: PointRows;

beforeAll(async () => {
  core = await PeerCore.start("images");
  many = await withPointRows(core, 2_300);
  other = await withPointRows(core, 3, { tenant: "Other", name: "web" });
});

it("pages by offset and by marker show every image of the tenant exactly once, newest first", async () => {
  for (const marker of [false, true]) {
    const seen: string[] = [];
    let last: string | undefined;
    for (let offset = 0; offset < 2_300; offset += 1_000) {
      const page = await listVolumeImages(core.ctx(), {
        tenantId: many.tenantId,
        limit: 1_000,
        ...(marker ? { afterId: last } : { offset }),
      });
      expect(page.total).toBe(2_300);
      seen.push(...page.items.map(({ id }) => id));
      last = page.items.at(-1)?.id;
    }
    expect(new Set(seen).size).toBe(2_300);
  }
});

it("the order is the one that was asked for", async () => {
  const { items } = await listVolumeImages(core.ctx(), { tenantId: other.tenantId, limit: 10, descending: false });
  expect(items.map(({ name }) => name)).toEqual(["web 1", "web 2", "web 3"]);
  const named = await listVolumeImages(core.ctx(), { tenantId: other.tenantId, limit: 1, orderBy: "name" });
  expect(named.items[0]?.name).toBe("web 3");
});

it("each filter leaves only what it names", async () => {
  const count = async (filter: object) =>
    (await listVolumeImages(core.ctx(), { tenantId: many.tenantId, limit: 0, ...filter })).total;
  expect(await count({ resourceId: many.volumeId })).toBe(2_300);
  expect(await count({ resourceId: many.agentId })).toBe(2_300);
  expect(await count({ resourceId: other.agentId })).toBe(0);
  expect(await count({ resourceName: "db" })).toBe(2_300);
  expect(await count({ name: "db 17" })).toBe(1);
  expect(await count({ repositoryId: other.repositoryId })).toBe(0);
  expect(await count({ isIncremental: false })).toBe(1);
  expect(await count({ isReplica: true })).toBe(0);
  expect(await count({ kinds: ["folder"] })).toBe(0);
  expect(await count({ states: ["lost", "deleting"] })).toBe(0);
  expect(await count({ from: new Date("2026-01-01T00:01:00Z"), to: new Date("2026-01-01T00:10:00Z") })).toBe(10);
});

it("an image of another tenant is not there, and its marker ends the list", async () => {
  const [foreign] = (await listVolumeImages(core.ctx(), { tenantId: other.tenantId, limit: 1 })).items;
  const id = foreign?.id ?? "";
  await expect(getVolumeImage(core.ctx(), { id, tenantId: many.tenantId })).rejects.toMatchObject({
    code: "not_found",
  });
  await expect(getVolumeImage(core.ctx(), { id: randomUUID(), tenantId: null })).rejects.toMatchObject({
    code: "not_found",
  });
  expect(await getVolumeImage(core.ctx(), { id, tenantId: null })).toMatchObject({ tenantId: other.tenantId });
  expect((await listVolumeImages(core.ctx(), { tenantId: many.tenantId, limit: 5, afterId: id })).items).toEqual([]);
});

it("a lost point, a running restore and an agent on its way out are said", async () => {
  const { prisma } = core.db;
  const { items } = await listVolumeImages(core.ctx(), { tenantId: other.tenantId, limit: 2 });
  await prisma.recoveryPoint.update({
    where: { id: items[0]?.recoveryPointId ?? "" },
    data: { lostAt: new Date(), lostReason: "gone" },
  });
  await prisma.task.create({
    data: { kind: "restore", agentId: other.agentId, recoveryPointId: items[1]?.recoveryPointId ?? "" },
  });
  const after = await listVolumeImages(core.ctx(), { tenantId: other.tenantId, limit: 3 });
  expect(after.items.map(({ state }) => state)).toEqual(["lost", "restoring", "available"]);
  await prisma.agent.update({ where: { id: other.agentId }, data: { deletionAskedAt: new Date() } });
  expect((await listVolumeImages(core.ctx(), { tenantId: other.tenantId, limit: 0, states: ["deleting"] })).total).toBe(
    3,
  );
});
