import { randomUUID } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import type { EngineContext } from "@/lib/engine/context";
import {
  CreateTenantInput,
  createTenant,
  deleteTenant,
  getTenant,
  ListTenantsInput,
  listTenantAccounts,
  listTenants,
  UpdateTenantInput,
  updateTenant,
} from "@/lib/engine/tenants";
import { measureUsage } from "@/lib/engine/usage";
import { PeerCore } from "@/tests/support/peer-core";
import { withPointRows } from "../../support/point-rows";

let core: PeerCore;
let ctx: EngineContext;
const made = (name: string, more: object = {}) => createTenant(ctx, CreateTenantInput.parse({ name, ...more }));
const listed = (input: object = {}) => listTenants(ctx, ListTenantsInput.parse(input));

beforeAll(async () => {
  core = await PeerCore.start("Vault");
  ctx = core.ctx();
});

async function agentOf(tenantId: string, name: string) {
  const { prisma } = core.db;
  const repository = await prisma.repository.upsert({
    where: { name: "disk" },
    create: { name: "disk", path: "/disk" },
    update: {},
  });
  return prisma.agent.create({ data: { name, hostName: name, tenantId, repositoryId: repository.id } });
}

describe("a tenant", () => {
  it("is made with what is known of it, and told to pages and the trail", async () => {
    const tenant = await made("Acme", {
      customerId: "4711",
      contactEmail: "Ann@Example.com",
      timeZone: "Europe/Berlin",
    });
    expect(tenant).toMatchObject({ name: "Acme", customerId: "4711", contactEmail: "ann@example.com", agents: 0 });
    const where = { subject: tenant.id };
    expect(await core.db.prisma.auditEntry.count({ where: { ...where, action: "tenant.create" } })).toBe(1);
    expect(await core.db.prisma.event.count({ where: { ...where, kind: "tenant" } })).toBe(1);
  });

  it("has a name of its own, also when two make it at once", async () => {
    const answers = await Promise.allSettled(Array.from({ length: 5 }, () => made("Once")));
    expect(answers.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    for (const answer of answers)
      if (answer.status === "rejected")
        expect(answer.reason).toMatchObject({ code: "conflict", options: { detail: "exists" } });
  });

  it("changes what is named and nothing else; twice is once", async () => {
    const { id } = await made("Bolt", { notes: "since 2019" });
    const input = UpdateTenantInput.parse({ id, name: "Bolt & Sons", statementEmails: ["a@b.example", "A@b.example"] });
    await updateTenant(ctx, input);
    expect(await updateTenant(ctx, input)).toMatchObject({
      name: "Bolt & Sons",
      notes: "since 2019",
      timeZone: "UTC",
      statementEmails: ["a@b.example"],
    });
    expect(await core.db.prisma.auditEntry.count({ where: { subject: id, action: "tenant.update" } })).toBe(1);
  });

  it("takes no name of another one, also when both ask at once, and leaves this core's own alone", async () => {
    const [left, right] = [await made("Left"), await made("Right")];
    const refused = { code: "conflict", options: { detail: "exists" } };
    await expect(updateTenant(ctx, { id: left.id, name: "Right" })).rejects.toMatchObject(refused);
    const both = await Promise.allSettled([left, right].map(({ id }) => updateTenant(ctx, { id, name: "Middle" })));
    expect(both.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    for (const answer of both) if (answer.status === "rejected") expect(answer.reason).toMatchObject(refused);
    const home = await core.db.prisma.tenant.findUniqueOrThrow({ where: { name: "Home" } });
    const isHome = { code: "conflict", options: { detail: "home" } };
    await expect(updateTenant(ctx, { id: home.id, name: "House" })).rejects.toMatchObject(isHome);
    await expect(deleteTenant(ctx, { id: home.id })).rejects.toMatchObject(isHome);
  });

  it.each([
    ["no name", { name: " " }],
    ["a name without end", { name: "n".repeat(121) }],
    ["a zone that is none", { name: "Zone", timeZone: "Mars/Olympus" }],
    ["an offset for a zone", { name: "Zone", timeZone: "+02:00" }],
    ["an address that is none", { name: "Post", contactEmail: "nobody" }],
    [
      "addresses without end",
      { name: "Post", statementEmails: Array.from({ length: 21 }, (_, i) => `a${i}@b.example`) },
    ],
  ])("with %s is not made", (_, input) => {
    expect(CreateTenantInput.safeParse(input).success).toBe(false);
  });

  it("that is unknown is not found", async () => {
    const id = randomUUID();
    for (const call of [
      getTenant,
      (_: EngineContext, input: { id: string }) => updateTenant(_, { ...input, name: "x" }),
      deleteTenant,
    ])
      await expect(call(ctx, { id })).rejects.toMatchObject({ code: "not_found" });
    const input = { tenantId: id, limit: 5 };
    await expect(listTenantAccounts(ctx, input)).rejects.toMatchObject({ code: "not_found" });
  });

  it("gives a new name to the documents of its agents", async () => {
    const { id } = await made("Before");
    const agent = await agentOf(id, "renamed");
    await core.db.prisma.staleDocument.deleteMany();
    await updateTenant(ctx, { id, notes: "the same name" });
    expect(await core.db.prisma.staleDocument.count()).toBe(0);
    await updateTenant(ctx, { id, name: "After" });
    expect(await core.db.prisma.staleDocument.findMany({ select: { subjectId: true, kind: true } })).toEqual([
      { subjectId: agent.id, kind: "agent" },
    ]);
  });
});

describe("deleting a tenant", () => {
  it("forgets one of whom nothing is left, once", async () => {
    const { id } = await made("Gone");
    await deleteTenant(ctx, { id });
    await expect(deleteTenant(ctx, { id })).rejects.toMatchObject({ code: "not_found" });
  });

  it("is refused with the names of what is left", async () => {
    const { id } = await made("Kept");
    await agentOf(id, "kept-1");
    await agentOf(id, "kept-2");
    const account = { email: "kept@example.com", name: "Kept", role: "reader", allTenants: false } as const;
    await core.db.prisma.account.create({ data: { ...account, tenants: { create: { tenantId: id } } } });
    await measureUsage(ctx);
    await expect(deleteTenant(ctx, { id })).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringMatching(/2 agents, 1 bound account, entries in the ledger/),
      options: { detail: "in-use" },
    });
    const accounts = await listTenantAccounts(ctx, { tenantId: id, limit: 5 });
    expect(accounts.items).toMatchObject([{ email: "kept@example.com", role: "reader", isDisabled: false }]);
  });
});

describe("the list of tenants", () => {
  it("is paged by name, found by a part of name or customer id, and says what each has here", async () => {
    const { id } = await made("Paged 1", { customerId: "K%1" });
    await made("Paged 2");
    await made("Paged 3");
    await withPointRows(core, 2, { tenant: "Paged 1" });
    await measureUsage(ctx);
    const first = await listed({ search: "paged", limit: 2 });
    expect(first).toMatchObject({ total: 3, nextCursor: "Paged 2" });
    const figures = {
      agents: 1,
      pairings: 0,
      recoveryPoints: 2,
      protectedBytes: 3_221_225_472,
      storedBytes: 2_097_152,
    };
    expect(first.items[0]).toMatchObject({ name: "Paged 1", ...figures });
    expect(await getTenant(ctx, { id })).toMatchObject(figures);
    const second = await listed({ search: "paged", limit: 2, cursor: first.nextCursor });
    expect(second.items.map(({ name }) => name)).toEqual(["Paged 3"]);
    expect((await listed({ search: "K%1" })).items.map(({ name }) => name)).toEqual(["Paged 1"]);
    expect((await listed({ search: "K%" })).total).toBe(1);
  });
});
