import { randomUUID } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import { databaseOf } from "@/lib/context";
import type { Database } from "@/lib/db/client";
import { writeAudit } from "@/lib/engine/audit";
import { emitEvent } from "@/lib/engine/events/emit";
import { PeerCore } from "@/tests/support/peer-core";

let core: PeerCore;
let scoped: Database;
const tenants: string[] = [];
const agents: string[] = [];
const account = { kind: "account", accountId: randomUUID(), name: "ann@example.com", role: "engineer" } as const;

beforeAll(async () => {
  core = await PeerCore.start("Vault");
  const { prisma } = core.db;
  const repository = await prisma.repository.create({ data: { name: "disk", path: "/disk" } });
  for (const name of ["Acme", "Bolt"]) {
    const tenant = await prisma.tenant.create({ data: { name } });
    const where = { tenantId: tenant.id, repositoryId: repository.id };
    const agent = await prisma.agent.create({ data: { name: `${name}-1`, hostName: name, ...where } });
    await prisma.volume.create({ data: { agentId: agent.id, name: "disk", kind: "image" } });
    tenants.push(tenant.id);
    agents.push(agent.id);
  }
  scoped = databaseOf(core.db, { ...account, tenantIds: tenants.slice(0, 1) });
});

describe("the database of an account that is bound to tenants", () => {
  it("shows the rows of its tenants and no others", async () => {
    expect(await scoped.prisma.agent.findMany({ select: { name: true } })).toEqual([{ name: "Acme-1" }]);
    expect(await scoped.prisma.tenant.findMany({ select: { name: true } })).toEqual([{ name: "Acme" }]);
    expect(await scoped.prisma.volume.count()).toBe(1);
    expect(await scoped.prisma.agent.findUnique({ where: { id: agents[1] } })).toBeNull();
    const { rows } = await scoped.pool.query("select name from agent");
    expect(rows).toEqual([{ name: "Acme-1" }]);
  });

  it("changes no row of another tenant, and gives none of its own away", async () => {
    const changed = await scoped.prisma.agent.updateMany({ data: { description: "mine" } });
    expect(changed.count).toBe(1);
    expect((await core.db.prisma.agent.findUnique({ where: { id: agents[1] } }))?.description).toBe("");
    await expect(scoped.prisma.agent.updateMany({ data: { tenantId: tenants[1] } })).rejects.toThrow();
  });

  it("holds no account, no key and no secret", async () => {
    for (const table of ["account", "sign_in", "api_token", "sealed_key", "access_key", "throttle", "audit_entry"]) {
      const { rows } = await scoped.pool.query(`select count(*)::int as count from ${table}`);
      expect(rows, table).toEqual([{ count: 0 }]);
    }
  });

  it("still takes what its owner does into the trail, and tells pages of it", async () => {
    const ctx = { ...core.ctx({ ...account, tenantIds: tenants.slice(0, 1) }), db: scoped };
    await scoped.prisma.$transaction(async (tx) => {
      await writeAudit(tx, ctx, "agent.update", agents[0] ?? "");
      await emitEvent(tx, "agent", agents[0] ?? "");
      await emitEvent(tx, "agent", agents[1] ?? "");
    });
    expect(await core.db.prisma.auditEntry.count({ where: { actorId: account.accountId } })).toBe(1);
    expect((await scoped.prisma.event.findMany()).map(({ subject }) => subject)).toEqual([agents[0]]);
  });

  it("shows nothing to an account that is bound to no tenant at all", async () => {
    const none = databaseOf(core.db, { ...account, accountId: randomUUID(), tenantIds: [] });
    expect(await none.prisma.agent.count()).toBe(0);
  });
});

it("every table is closed to bound accounts until a policy opens it", async () => {
  const { rows } = await core.db.pool.query(
    "select tablename from pg_tables where schemaname = 'public' and not rowsecurity",
  );
  expect(rows).toEqual([]);
});
