import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { createAccount } from "@/lib/engine/accounts";
import { approveAgents } from "@/lib/engine/pairing/agents/answer";
import { createRepository } from "@/lib/engine/repositories";
import { agentQuotaOf } from "@/tests/support/quotas";
import { type Pair, pairCores } from "../../support/pair";
import { PeerCore, withAgents } from "../../support/peer-core";
import { askPeer } from "../../support/peer-request";

const BASIC = ["root@example.com", "a long enough password"] as const;
const XMLNS = 'xmlns="http://apprecovery.com/management/api/2010/05"';
let source: PeerCore;
let target: PeerCore;
let pair: Pair;

beforeEach(async () => {
  [source, target] = await Promise.all([PeerCore.start("Harbour"), PeerCore.start("Vault")]);
  pair = await pairCores(source, target);
});

const post = (path: string, body: unknown, more: Parameters<typeof askPeer>[2] = {}) =>
  askPeer(target, path, {
    method: "POST",
    body: typeof body === "string" ? body : JSON.stringify(body),
    as: { core: source, pairingId: pair.sourceId },
    ...more,
  });
const info = (id: string, displayName = "web", size = 0) => ({
  id,
  displayName,
  hostName: `${displayName}.example`,
  size,
});
const request = (...ids: string[]) => ({ agents: ids.map((id) => info(id)) });
const wishes = () => target.db.prisma.pairingAgent.findMany({ where: { pairingId: pair.targetId, state: "pending" } });
const audits = (action: string) => target.db.prisma.auditEntry.findMany({ where: { action } });

async function realRepository(name = "real"): Promise<string> {
  const folder = mkdtempSync(path.join(tmpdir(), "twincore-add-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return (await createRepository(target.ctx(), { name, path: path.join(folder, "r") })).id;
}

const administrator = () =>
  createAccount(target.ctx(), { name: "Root", email: BASIC[0], password: BASIC[1], role: "administrator" });

describe("AddAgentsByRequest", () => {
  it("makes the agents wait for a person's answer, and takes nothing in by itself", async () => {
    const id = randomUUID();
    const answer = await post("/slave/agents/request", { ...request(id), comments: "new shop" });
    expect(answer).toEqual({ status: 200, text: "" });
    expect(await wishes()).toMatchObject([{ agentId: id, name: "web", hostName: "web.example", message: "new shop" }]);
    expect(await target.db.prisma.agent.count({ where: { id } })).toBe(0);
    expect(await audits("pairing.request-agents")).toMatchObject([{ actor: "peer:Harbour" }]);
  });

  it("takes the contract's XML", async () => {
    const id = randomUUID();
    const body = `<addAgentsRequest ${XMLNS}><agents><agentInfo><ServerType>Windows</ServerType><displayName>mail</displayName><hostName>mail.example</hostName><id>${id}</id></agentInfo></agents></addAgentsRequest>`;
    const answer = await post("/slave/agents/request", body, { headers: { "content-type": "application/xml" } });
    expect(answer).toEqual({ status: 200, text: "" });
    expect(await wishes()).toMatchObject([{ agentId: id, name: "mail" }]);
  });

  it("asked again, at once or later, or twice in one call, nothing doubles and nothing is said twice", async () => {
    const ids = [randomUUID(), randomUUID()];
    const calls = Array.from({ length: 4 }, () => post("/slave/agents/request", request(...ids, ...ids)));
    for (const { status } of await Promise.all(calls)) expect(status).toBe(200);
    expect(await wishes()).toHaveLength(2);
    expect(await audits("pairing.request-agents")).toHaveLength(1);
  });

  it("an agent that was taken in stays taken in; one that was denied asks anew", async () => {
    const [taken = ""] = pair.agentIds;
    const denied = randomUUID();
    await target.db.prisma.pairingAgent.create({
      data: {
        pairingId: pair.targetId,
        agentId: denied,
        name: "x",
        hostName: "",
        sizeBytes: 0n,
        state: "denied",
        message: "no",
      },
    });
    await post("/slave/agents/request", request(taken, denied));
    expect(await wishes()).toMatchObject([{ agentId: denied, message: "", decidedBy: null }]);
    const row = await target.db.prisma.pairingAgent.findFirst({ where: { agentId: taken } });
    expect(row).toMatchObject({ state: "approved", name: "db" });
  });

  it("a pairing holds a thousand agents: over it the request is refused whole, old denials give way", async () => {
    const many = (count: number) => Array.from({ length: count }, () => randomUUID());
    expect((await post("/slave/agents/request", request(...many(1001)))).status).toBe(400);
    expect((await post("/slave/agents/request", request(...many(999)))).status).toBe(200);
    const over = await post("/slave/agents/request", request(randomUUID()));
    expect(over.status).toBe(429);
    expect(await wishes()).toHaveLength(999);
    await target.db.prisma.pairingAgent.updateMany({ where: { state: "pending" }, data: { state: "denied" } });
    expect((await post("/slave/agents/request", request(...many(10)))).status).toBe(200);
    expect(await wishes()).toHaveLength(10);
    expect(await target.db.prisma.pairingAgent.count()).toBe(1000);
  });

  it.each([
    ["no agents", { agents: [] }],
    ["an id that is none", { agents: [{ id: "x", displayName: "y" }] }],
    ["no name", { agents: [{ id: randomUUID(), displayName: "" }] }],
    ["a negative size", { agents: [{ ...info(randomUUID()), size: -1 }] }],
    ["endless words", { ...request(randomUUID()), comments: "x".repeat(2001) }],
  ])("refuses %s", async (_, body) => {
    expect((await post("/slave/agents/request", body)).status).toBe(400);
    expect(await wishes()).toEqual([]);
  });
});

describe("AddAgentsByDemand", () => {
  const demand = (repositoryId: string, ...ids: string[]) => ({
    agents: ids.map((id) => ({ agentInfo: info(id), repositoryId })),
  });

  it("takes agents in at once, into the repository that each names, in the administrator's name", async () => {
    await administrator();
    const [one, two] = [await realRepository("one"), await realRepository("two")];
    const ids = [randomUUID(), randomUUID()];
    const agents = [
      { agentInfo: info(ids[0] ?? ""), repositoryId: one, quotaBytes: 5000 },
      { agentInfo: info(ids[1] ?? "", "mail"), repositoryId: two },
    ];
    expect(await post("/slave/agents/demand", { agents }, { basic: BASIC })).toEqual({ status: 200, text: "" });
    const rows = await target.db.prisma.agent.findMany({ where: { id: { in: ids } }, include: { sessions: true } });
    const { tenantId } = await target.db.prisma.pairing.findUniqueOrThrow({ where: { id: pair.targetId } });
    const common = { pairingId: pair.targetId, tenantId, sessions: [{ side: "target" }] };
    expect(rows.find(({ id }) => id === ids[0])).toMatchObject({ ...common, repositoryId: one });
    expect(await agentQuotaOf(target.db, ids[0] ?? "")).toBe(5000n);
    expect(rows.find(({ id }) => id === ids[1])).toMatchObject({ ...common, repositoryId: two });
    expect(await agentQuotaOf(target.db, ids[1] ?? "")).toBeNull();
    expect(await audits("pairing.add-agents")).toMatchObject([{ actor: "account:root@example.com" }]);
  });

  it("takes the contract's XML, with what this core has no use for in it", async () => {
    await administrator();
    const [id, repositoryId] = [randomUUID(), await realRepository()];
    const body = `<addAgentsDemand ${XMLNS} xmlns:i="http://www.w3.org/2001/XMLSchema-instance"><agents><replicatedAgentByDemand><agentInfo><ServerType>Windows</ServerType><displayName>mail</displayName><hostName>m</hostName><hostUri>https://m</hostUri><id>${id}</id><repositoryType i:nil="true"/></agentInfo><enableSafeDataStoring>false</enableSafeDataStoring><encryptionKeyId></encryptionKeyId><isCluster>false</isCluster><machineFlags i:nil="true"/><repositoryId>${repositoryId}</repositoryId></replicatedAgentByDemand></agents></addAgentsDemand>`;
    const headers = { "content-type": "application/xml" };
    expect((await post("/slave/agents/demand", body, { headers, basic: BASIC })).status).toBe(200);
    expect(await target.db.prisma.agent.findUnique({ where: { id } })).toMatchObject({ name: "mail", repositoryId });
  });

  it("said again, and four times at once, has the effect of one", async () => {
    await administrator();
    const body = demand(await realRepository(), randomUUID(), randomUUID());
    const calls = Array.from({ length: 4 }, () => post("/slave/agents/demand", body, { basic: BASIC }));
    for (const { status } of await Promise.all(calls)) expect(status).toBe(200);
    expect(await target.db.prisma.agent.count({ where: { pairingId: pair.targetId } })).toBe(3);
    expect(await target.db.prisma.replicationSession.count()).toBe(3);
    expect(await audits("pairing.add-agents")).toHaveLength(1);
  });

  it("takes none when one belongs to somebody else, lies elsewhere, or its repository does not exist", async () => {
    await administrator();
    const repositoryId = await realRepository();
    const own = (await withAgents(target, ["own"])).agentIds[0] ?? "";
    const fresh = randomUUID();
    const attempt = (body: unknown) => post("/slave/agents/demand", body, { basic: BASIC });
    expect(await attempt(demand(repositoryId, fresh, own))).toMatchObject({ status: 409 });
    expect(await attempt(demand(repositoryId, fresh, pair.agentIds[0] ?? ""))).toMatchObject({ status: 409 });
    expect(await attempt(demand(randomUUID(), fresh))).toMatchObject({ status: 404 });
    expect(await target.db.prisma.agent.count({ where: { id: fresh } })).toBe(0);
    expect(await wishes()).toEqual([]);
  });

  it("wants both: the certificate of the pairing and an administrator's password", async () => {
    await administrator();
    const body = demand(await realRepository(), randomUUID());
    expect((await post("/slave/agents/demand", body)).status).toBe(401);
    expect((await post("/slave/agents/demand", body, { as: undefined, basic: BASIC })).status).toBe(401);
    expect((await post("/slave/agents/demand", body, { basic: [BASIC[0], "a wrong password"] })).status).toBe(401);
    expect(await target.db.prisma.agent.count({ where: { pairingId: pair.targetId } })).toBe(1);
  });
});

describe("verifying before adding", () => {
  const REQUEST = "/slave/request/agents/verify";
  const DEMAND = "/slave/demand/agents/verify";
  const failing = (text: string): string[] =>
    (JSON.parse(text) as { checks: { name: string; passed: boolean }[] }).checks
      .filter(({ passed }) => !passed)
      .map(({ name }) => name);

  it("answers 200 when every check passes: void in XML, the list by name in JSON", async () => {
    await realRepository();
    const good = await post(REQUEST, request(randomUUID()));
    expect(good.status).toBe(200);
    expect(JSON.parse(good.text).checks.map(({ name }: { name: string }) => name)).toEqual([
      "version",
      "limit",
      "owner",
      "name",
      "repository",
      "space",
      "quota",
    ]);
    const xml = await post(REQUEST, request(randomUUID()), { headers: { accept: "application/xml" } });
    expect(xml).toEqual({ status: 200, text: "" });
  });

  it("answers a fault that names each failing check, or the whole list when the report is asked for", async () => {
    const body = { agents: [info(randomUUID(), "db", 2 ** 52)] };
    await target.db.prisma.pairing.update({ where: { id: pair.targetId }, data: { peerVersion: "99.0.0" } });
    const fault = await post(REQUEST, body);
    expect(fault.status).toBe(409);
    expect(fault.text).toContain("cannot be added (version, name, repository). version: The source runs");
    const xml = await post(REQUEST, body, { headers: { accept: "application/xml" } });
    expect(xml.status).toBe(409);
    expect(xml.text).toMatch(/<failureReason .*cannot be added \(version, name, repository\)/);
    const listed = await post(`${REQUEST}?report=true`, body);
    expect(listed.status).toBe(200);
    expect(failing(listed.text)).toEqual(["version", "name", "repository"]);
    await realRepository();
    expect(failing((await post(`${REQUEST}?report=true`, body)).text)).toEqual(["version", "name", "space"]);
    expect(await wishes()).toEqual([]);
  });

  it("tells an administrator of repositories, quotas and owners; a paired core alone does not learn who else is here", async () => {
    await administrator();
    const repositoryId = await realRepository();
    const own = (await withAgents(target, ["own"])).agentIds[0] ?? "";
    const agents = (more: object) => ({ agents: [{ agentInfo: info(own, "x", 900), repositoryId, ...more }] });
    const ask = async (body: object) => failing((await post(`${DEMAND}?report=true`, body, { basic: BASIC })).text);
    expect(await ask(agents({}))).toEqual(["owner"]);
    expect(await ask(agents({ quotaBytes: 899 }))).toEqual(["owner", "quota"]);
    expect(await ask(agents({ repositoryId: randomUUID() }))).toEqual(["owner", "repository"]);
    expect(failing((await post(`${REQUEST}?report=true`, request(own))).text)).toEqual([]);
    expect((await post(DEMAND, agents({}))).status).toBe(401);
  });

  it("counts what the pairing holds already", async () => {
    await realRepository();
    const ids = Array.from({ length: 1000 }, () => randomUUID());
    expect(failing((await post(`${REQUEST}?report=true`, request(...ids))).text)).toEqual(["limit"]);
  });
});

describe("answering on the target", () => {
  it("of two who approve at once one does; the tenant is that of the pairing", async () => {
    const id = randomUUID();
    await post("/slave/agents/request", request(id));
    const { repositoryId } = await withAgents(target, []);
    const approve = () =>
      approveAgents(target.ctx(), { id: pair.targetId, agents: [{ agentId: id, repositoryId, quotaBytes: 7 }] });
    const answers = await Promise.allSettled([approve(), approve()]);
    expect(answers.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    const { tenantId } = await target.db.prisma.pairing.findUniqueOrThrow({ where: { id: pair.targetId } });
    expect(await target.db.prisma.agent.findUnique({ where: { id } })).toMatchObject({ tenantId });
    expect(await agentQuotaOf(target.db, id)).toBe(7n);
  });
});
