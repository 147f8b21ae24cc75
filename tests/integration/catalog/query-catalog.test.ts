import { randomUUID } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import { CatalogResource, type Condition, queryCatalog } from "@/lib/engine/catalog";
import { resources } from "@/lib/engine/catalog/resources";
import { PeerCore } from "../../support/peer-core";

const MANY = 2_345;
const ids = { tenant: "", other: "", repository: "", policy: "", pairing: "" };
let core: PeerCore;

beforeAll(async () => {
  core = await PeerCore.start("catalog");
  const { prisma } = core.db;
  const tenant = await prisma.tenant.findUniqueOrThrow({ where: { name: "Home" } });
  const other = await prisma.tenant.create({ data: { name: "Other" } });
  const repository = await prisma.repository.create({ data: { name: "main", path: "/nowhere/catalog" } });
  const pairing = await prisma.pairing.create({
    data: {
      side: "source",
      state: "established",
      peerName: "far",
      peerUrl: "https://far.example:8006",
      requestKeyDigest: Buffer.alloc(32),
      verificationCode: "0",
    },
  });
  const rule = await prisma.replicationRule.create({
    data: { name: "hourly", pairingId: pairing.id, rpoSeconds: 3600, alertThresholdMinutes: 60 },
  });
  const policy = await prisma.policy.create({
    data: { name: "Gold", replicationRules: { create: [{ replicationRuleId: rule.id }] } },
  });
  Object.assign(ids, {
    tenant: tenant.id,
    other: other.id,
    repository: repository.id,
    policy: policy.id,
    pairing: pairing.id,
  });
  const agents = await prisma.agent.createManyAndReturn({
    data: Array.from({ length: MANY }, (_, i) => ({
      name: `Agent ${String(i).padStart(5, "0")}`,
      hostName: `host-${i % 7}`,
      tenantId: i < 10 ? other.id : tenant.id,
      repositoryId: repository.id,
      labels: i % 2 ? ["odd", "all"] : ["even", "all"],
      policyId: i < 30 ? policy.id : null,
      createdAt: new Date(Date.UTC(2026, 0, 1) + i * 60_000),
    })),
  });
  const first = agents[0];
  if (first)
    await prisma.quota.create({
      data: {
        subjectId: first.id,
        agentId: first.id,
        tenantId: first.tenantId,
        meter: "stored",
        hardBytes: 2n ** 53n - 1n,
      },
    });
  await prisma.volume.createMany({
    data: agents.slice(0, 40).flatMap((agent) => [
      { agentId: agent.id, name: "a", kind: "stream" as const },
      { agentId: agent.id, name: "b", kind: "stream" as const },
    ]),
  });
  await prisma.replicationSession.createMany({
    data: agents.slice(0, 5).map((agent) => ({
      side: "source" as const,
      agentId: agent.id,
      pairingId: pairing.id,
      replicationRuleId: rule.id,
      policyId: policy.id,
    })),
  });
});

const agents = (where?: Condition, limit = 50) =>
  queryCatalog(core.ctx(), { resource: "agent", fields: ["name"], where, limit });
const names = async (where: Condition) => (await agents(where)).rows.map((row) => row.name);

describe("a page of the catalog", () => {
  it("walks more than 2,000 rows without a gap or a repetition", async () => {
    const seen = new Set<string>();
    for (let offset = 0; offset < MANY; offset += 1000) {
      const { rows, total } = await queryCatalog(core.ctx(), {
        resource: "agent",
        fields: ["hostName"],
        // Only seven different values: the order needs its tie-break.
        orderBy: [{ field: "hostName", direction: "desc" }],
        limit: 1000,
        offset,
      });
      expect(total).toBe(MANY);
      for (const row of rows) seen.add(row.id);
    }
    expect(seen.size).toBe(MANY);
  });

  it("counts beyond the end, and counts alone", async () => {
    expect(await queryCatalog(core.ctx(), { resource: "agent", limit: 10, offset: 99_999 })).toEqual({
      rows: [],
      total: MANY,
    });
    expect(await queryCatalog(core.ctx(), { resource: "agent", limit: 0 })).toEqual({ rows: [], total: MANY });
  });

  it("can be asked for every field of every noun, each of which can be filtered and ordered by", async () => {
    for (const resource of CatalogResource.options)
      for (const [name, { type }] of Object.entries(resources[resource].fields)) {
        const orderBy = type === "json" ? [] : [{ field: name, direction: "desc" as const }];
        const where: Condition = { and: [{ not: { field: name, is: "null" } }, { or: [{ always: true }] }] };
        const page = await queryCatalog(core.ctx(), { resource, fields: [name], where, orderBy, limit: 1 });
        expect(page.rows.length, `${resource}.${name}`).toBe(Math.min(1, page.total));
      }
  });

  it("knows all relations of every noun, in one query each", async () => {
    for (const resource of CatalogResource.options)
      for (const name of Object.keys(resources[resource].relations)) {
        const page = await queryCatalog(core.ctx(), { resource, limit: 3, relations: [{ name }] });
        for (const row of page.rows) expect(row, `${resource}.${name}`).toHaveProperty(name);
        expect(Object.keys(resources[resource].fields)).not.toContain(name);
      }
  });

  it("tells values as they travel", async () => {
    const { rows } = await agents({ field: "name", is: "eq", value: "agent 00000" });
    const page = await queryCatalog(core.ctx(), {
      resource: "agent",
      where: { field: "id", is: "eq", value: rows[0]?.id ?? "" },
      limit: 1,
    });
    expect(page.rows[0]).toMatchObject({
      name: "Agent 00000",
      quotaBytes: 2 ** 53 - 1,
      labels: ["even", "all"],
      createdAt: "2026-01-01T00:00:00.000Z",
      volumeCount: 2,
      isSingleVolume: false,
      pairingId: null,
    });
  });
});

describe("a filter", () => {
  it("compares names without regard to case, in every way", async () => {
    expect(await names({ field: "name", is: "eq", value: "AGENT 00007" })).toEqual(["Agent 00007"]);
    expect(await names({ field: "name", is: "in", values: ["aGENT 00007", "x"] })).toEqual(["Agent 00007"]);
    expect(await names({ field: "name", is: "ilike", value: "%T 0000_" })).toHaveLength(10);
    expect(await names({ field: "name", is: "lt", value: "AGENT 00002" })).toEqual(["Agent 00000", "Agent 00001"]);
  });

  it("has all comparisons, and ands, ors and nots of them", async () => {
    const from = (is: "gt" | "gte" | "lt" | "lte" | "neq", value: string) => ({ field: "createdAt", is, value });
    const { total } = await agents({ and: [from("gt", "2026-01-01T00:01:00Z"), from("lte", "2026-01-01T00:05:00Z")] });
    expect(total).toBe(4);
    expect((await agents(from("gte", "2026-01-01T00:01:00+00:00"))).total).toBe(MANY - 1);
    expect((await agents({ not: from("neq", "2026-01-01T00:01:00Z") })).total).toBe(1);
    expect(
      (await agents({ or: [from("lt", "2026-01-01T00:02"), { field: "quotaBytes", is: "gt", value: "5" }] })).total,
    ).toBe(2);
    expect((await agents({ and: [] })).total).toBe(MANY);
    expect((await agents({ or: [] })).total).toBe(0);
    expect((await agents({ field: "policyId", is: "null" })).total).toBe(MANY - 30);
    expect((await agents({ not: { field: "policyId", is: "null" } })).total).toBe(30);
  });

  it("asks what a list contains", async () => {
    expect((await agents({ field: "labels", is: "contains", values: ["odd"] })).total).toBe(Math.floor(MANY / 2));
    expect((await agents({ field: "labels", is: "containedBy", values: ["even", "all", "x"] })).total).toBe(
      Math.ceil(MANY / 2),
    );
  });

  it("finds nothing by what is no id", async () => {
    expect((await agents({ field: "id", is: "eq", value: "name:Agent" })).total).toBe(0);
    expect((await agents({ field: "id", is: "in", values: ["0", randomUUID()] })).total).toBe(0);
    expect((await agents({ field: "id", is: "neq", value: "nothing" })).total).toBe(MANY);
  });

  it("keeps to its tenants, also among related rows", async () => {
    const page = await queryCatalog(core.ctx(), { resource: "agent", limit: 100, tenantIds: [ids.other] });
    expect(page.total).toBe(10);
    const policies = await queryCatalog(core.ctx(), {
      resource: "policy",
      limit: 1,
      tenantIds: [ids.other],
      relations: [{ name: "agents" }],
    });
    expect(policies.rows[0]?.agents).toHaveLength(10);
  });
});

describe("related rows", () => {
  it("come nested, to the row they belong to, and empty as empty", async () => {
    const { rows } = await queryCatalog(core.ctx(), {
      resource: "session",
      fields: ["state", "subjectId"],
      limit: 10,
      orderBy: [{ field: "agentName", direction: "asc" }],
      relations: [
        { name: "pairing", fields: ["name", "host"] },
        { name: "replicationRule", relations: [{ name: "policies", fields: ["name"] }] },
        { name: "volumes", fields: ["name", "agentId"] },
        { name: "singleVolumes" },
        { name: "groups", fields: ["name"] },
      ],
    });
    expect(rows).toHaveLength(5);
    for (const [i, row] of rows.entries()) {
      expect(row).toMatchObject({
        pairing: { id: ids.pairing, name: "far", host: "far.example" },
        replicationRule: { name: "hourly", rpoSeconds: 3600, policies: [{ id: ids.policy, name: "Gold" }] },
        volumes: [{ agentId: row.subjectId }, { agentId: row.subjectId }],
        singleVolumes: [],
        groups: [{ name: `Agent 0000${i}` }],
      });
    }
  });
});

describe("a hostile caller", () => {
  const QUOTES = `'; drop table agent; -- " \\ $1`;

  it("cannot leave its parameters", async () => {
    for (const value of [QUOTES, "%", "\\", "\\\\\\", "_'"])
      for (const is of ["eq", "ilike", "neq"] as const)
        await expect(agents({ field: "name", is, value })).resolves.toBeDefined();
    await expect(agents({ field: "name", is: "in", values: [QUOTES, "{a,b}", "NULL"] })).resolves.toMatchObject({
      total: 0,
    });
    await expect(agents({ field: "labels", is: "contains", values: [QUOTES, "}"] })).resolves.toMatchObject({
      total: 0,
    });
    expect((await agents()).total).toBe(MANY);
  });

  it.each<[string, Condition]>([
    ["a field that does not exist", { field: "passwordHash", is: "null" }],
    ["a field of every object", { field: "constructor", is: "null" }],
    ["SQL as a field", { field: "id) or (true", is: "null" }],
    ["no number", { field: "quotaBytes", is: "gt", value: "1e3" }],
    ["a number beyond all columns", { field: "quotaBytes", is: "gt", value: "99999999999999999999" }],
    ["no moment", { field: "createdAt", is: "gt", value: "yesterday" }],
    ["a day that is none", { field: "createdAt", is: "gt", value: "2026-13-45" }],
    ["no boolean", { field: "isReplica", is: "eq", value: "yes" }],
    ["U+0000", { field: "name", is: "eq", value: "a\0b" }],
    ["a value without end", { field: "name", is: "eq", value: "x".repeat(5_000) }],
    ["a list compared as one", { field: "labels", is: "eq", value: "odd" }],
    ["one asked as a list", { field: "name", is: "contains", values: ["a"] }],
    ["too many values", { field: "name", is: "in", values: Array(2_001).fill("a") }],
    ["too many conditions", { and: Array(300).fill({ always: true }) }],
    ["a tree without end", Array.from({ length: 500 }).reduce<Condition>((tree) => ({ not: tree }), { always: true })],
  ])("is told what is wrong: %s", async (_, where) => {
    await expect(agents(where)).rejects.toMatchObject({ code: "invalid_input" });
  });

  it("is told what is wrong with what it selects, orders and expands", async () => {
    const ask = (more: object) => queryCatalog(core.ctx(), { resource: "agent", limit: 1, ...more });
    await expect(ask({ fields: ["name", 'x" from account --'] })).rejects.toMatchObject({ code: "invalid_input" });
    await expect(ask({ orderBy: [{ field: "1; select", direction: "asc" }] })).rejects.toMatchObject({
      code: "invalid_input",
    });
    await expect(ask({ relations: [{ name: "__proto__" }] })).rejects.toMatchObject({ code: "invalid_input" });
    const deep = [
      {
        name: "policy",
        relations: [{ name: "agents", relations: [{ name: "policy", relations: [{ name: "agents" }] }] }],
      },
    ];
    await expect(ask({ relations: deep })).rejects.toMatchObject({ code: "invalid_input" });
    await expect(ask({ limit: 2_001 })).rejects.toThrow();
  });
});
