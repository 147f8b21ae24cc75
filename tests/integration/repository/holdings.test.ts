import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import {
  createRepository,
  deleteRepository,
  getHolding,
  listHoldings,
  updateRepository,
} from "@/lib/engine/repositories";
import { PeerCore } from "@/tests/support/peer-core";
import { withPointRows } from "@/tests/support/point-rows";

let core: PeerCore;
const folder = mkdtempSync(path.join(tmpdir(), "twincore-holdings-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

beforeAll(async () => {
  core = await PeerCore.start("holdings");
});

it("a tenant sees its own agents in a repository and none of another", async () => {
  const mine = await withPointRows(core, 5, { name: "mine" });
  await withPointRows(core, 7, { tenant: "Other", name: "theirs", repositoryId: mine.repositoryId });
  const holding = await getHolding(core.ctx(), { id: mine.repositoryId, tenantId: mine.tenantId });
  expect(holding.agents).toMatchObject([
    { name: "mine", recoveryPoints: 5, protectedBytes: 3221225472, state: "available" },
  ]);
  const all = await getHolding(core.ctx(), { id: mine.repositoryId, tenantId: null });
  expect(all.agents.map(({ name }) => name)).toEqual(["mine", "theirs"]);
});

it("filters and pages are the database's", async () => {
  const { prisma } = core.db;
  await prisma.repository.createMany({
    data: Array.from({ length: 2_050 }, (_, n) => ({
      name: `bulk ${n}`,
      path: `/nowhere/bulk/${n}`,
      createdAt: new Date(n * 1000),
    })),
  });
  const seen = new Set<string>();
  for (let offset = 0; offset < 2_050; offset += 1_000)
    for (const { name } of (await listHoldings(core.ctx(), { tenantId: null, limit: 1_000, offset })).items)
      seen.add(name);
  expect([...seen].filter((name) => name.startsWith("bulk"))).toHaveLength(2_050);
  expect((await listHoldings(core.ctx(), { tenantId: null, name: "bulk 7", limit: 5, offset: 0 })).total).toBe(1);
  expect((await listHoldings(core.ctx(), { tenantId: null, holdsReplicas: true, limit: 5, offset: 0 })).total).toBe(0);
});

it("an unused repository is forgotten, its folder stays; a used one is kept", async () => {
  const { id } = await createRepository(core.ctx(), { name: "short-lived", path: path.join(folder, "one") });
  await updateRepository(core.ctx(), { id, name: "renamed", description: "said" });
  expect(await getHolding(core.ctx(), { id, tenantId: null })).toMatchObject({ name: "renamed", description: "said" });
  await expect(updateRepository(core.ctx(), { id, name: "bulk 7" })).rejects.toMatchObject({ code: "conflict" });
  const used = await withPointRows(core, 1);
  await expect(deleteRepository(core.ctx(), { id: used.repositoryId })).rejects.toMatchObject({
    code: "conflict",
    options: { detail: "in-use" },
  });
  await deleteRepository(core.ctx(), { id });
  expect(existsSync(path.join(folder, "one"))).toBe(true);
  await expect(deleteRepository(core.ctx(), { id })).rejects.toMatchObject({ code: "not_found" });
});
