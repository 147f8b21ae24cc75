import { beforeAll, describe, expect, it } from "vitest";
import { sweepVendorJobs } from "@/lib/engine/vendor-jobs";
import { powerstore } from "@/lib/vendors/powerstore";
import { VendorCore } from "../../../support/vendor-core";
import { basic, errorOf, StoreClient } from "./client";

let core: VendorCore;
let client: StoreClient;
let remote = "";
let second = "";

beforeAll(async () => {
  core = await VendorCore.start("Vault", [powerstore]);
  client = await StoreClient.signIn(core, "engineer");
  const rows = await core.peer.db.prisma.pairing.createManyAndReturn({
    data: ["RS1", "RS2"].map((peerName) => ({
      side: "source" as const,
      state: "established" as const,
      peerName,
      peerUrl: `https://${peerName.toLowerCase()}.example:8006`,
      requestKeyDigest: Buffer.alloc(32),
      verificationCode: "0",
    })),
  });
  [remote = "", second = ""] = rows.map(({ id }) => id);
});

const select = "select=id,name,rpo,remote_system_id,is_replica,alert_threshold,policies(id,name)";
let made = 0;
async function newRule(more: object = {}): Promise<string> {
  const answer = await client.post("replication_rule", {
    name: `rule ${++made}`,
    rpo: "One_Hour",
    remote_system_id: remote,
    ...more,
  });
  expect(answer.status).toBe(201);
  return answer.body.id;
}

/** An agent that the policy protects. */
async function protect(policyId: string): Promise<string> {
  const { prisma } = core.peer.db;
  const tenant = await prisma.tenant.findUniqueOrThrow({ where: { name: "Home" } });
  const repository = await prisma.repository.upsert({
    where: { path: "/nowhere/rules" },
    create: { name: "main", path: "/nowhere/rules" },
    update: {},
  });
  const place = { tenantId: tenant.id, repositoryId: repository.id, hostName: "h" };
  return (await prisma.agent.create({ data: { ...place, name: `vg ${++made}`, policyId } })).id;
}

describe("a replication rule", () => {
  it("is made, answered with its id alone, and read back as PyPowerStore reads it", async () => {
    const created = await client.post("replication_rule", {
      name: "half",
      rpo: "Thirty_Minutes",
      remote_system_id: "name:rs1",
    });
    expect([created.status, created.body]).toEqual([201, { id: expect.any(String) }]);
    expect((await client.get(`replication_rule/${created.body.id}?${select}`)).body).toEqual({
      id: created.body.id,
      name: "half",
      rpo: "Thirty_Minutes",
      remote_system_id: remote,
      is_replica: false,
      // Its default is the RPO.
      alert_threshold: 30,
      policies: [],
    });
  });

  it("is changed and deleted without a body in the answer, and is gone when that is repeated", async () => {
    const id = await newRule();
    const changed = await client.patch(`replication_rule/${id}`, { rpo: "Six_Hours", alert_threshold: 0, name: "six" });
    expect([changed.status, changed.body]).toEqual([204, null]);
    expect((await client.get(`replication_rule/name:SIX?${select}`)).body).toMatchObject({
      rpo: "Six_Hours",
      alert_threshold: 0,
    });
    expect((await client.delete(`replication_rule/${id}`)).status).toBe(204);
    for (const answer of [
      await client.delete(`replication_rule/${id}`),
      await client.patch(`replication_rule/${id}`, {}),
    ])
      expect(errorOf(answer)).toEqual([404, "0xE04040020009", "Error"]);
  });

  it("is cloned under another name", async () => {
    const id = await newRule({ rpo: "One_Day", alert_threshold: 7 });
    const cloned = await client.post(`replication_rule/${id}/clone`, { name: "twin" });
    expect(cloned.status).toBe(200);
    expect((await client.get(`replication_rule/${cloned.body.id}?${select}`)).body).toMatchObject({
      name: "twin",
      rpo: "One_Day",
      alert_threshold: 7,
    });
    expect((await client.post(`replication_rule/${id}/clone`, { name: "twin" })).status).toBe(422);
  });

  it("refuses what does not fit the schema with 400 before anything is done", async () => {
    const good = { name: "x", rpo: "One_Hour", remote_system_id: remote };
    for (const bad of [
      {},
      { ...good, name: "" },
      { ...good, name: "n".repeat(129) },
      { ...good, rpo: "Two_Hours" },
      { ...good, alert_threshold: "15" },
      { ...good, alert_threshold: 1441 },
      { ...good, alert_threshold: -1 },
      { ...good, dupe_is_planned: true },
      { ...good, name: 5 },
    ])
      expect(errorOf(await client.post("replication_rule", bad))).toEqual([400, "0xE04040030001", "Error"]);
    for (const text of ["{", "[]", "null", '"x"', '{"name":"a\\u0000b"}'])
      expect((await client.send("POST", "replication_rule", text)).status).toBe(400);
    expect((await client.get("replication_rule?name=eq.x")).body).toEqual([]);
  });

  it("refuses a name that is taken, a remote system that is unknown, and synchronous replication", async () => {
    await newRule({ name: "taken" });
    const good = { name: "Free", rpo: "One_Hour", remote_system_id: remote };
    expect(errorOf(await client.post("replication_rule", { ...good, name: "TAKEN" }))).toEqual([
      422,
      "0xE0A0A0010004",
      "Error",
    ]);
    expect((await client.post("replication_rule", { ...good, remote_system_id: "name:nobody" })).status).toBe(404);
    expect((await client.post("replication_rule", { ...good, rpo: "Zero" })).status).toBe(422);
  });

  it("keeps its remote system while a policy with it protects something, changes everything else at once, and stays", async () => {
    const id = await newRule();
    const { body: policy } = await client.post("policy", {
      name: "in use",
      replication_rule_ids: [id],
      snapshot_rule_ids: null,
    });
    expect((await client.patch(`replication_rule/${id}`, { remote_system_id: second })).status).toBe(204);
    const agentId = await protect(policy.id);
    expect(errorOf(await client.patch(`replication_rule/${id}`, { remote_system_id: remote }))).toEqual([
      422,
      "0xE0A0A0010005",
      "Error",
    ]);
    expect(
      (await client.patch(`replication_rule/${id}`, { remote_system_id: second, rpo: "Five_Minutes" })).status,
    ).toBe(204);
    expect((await client.delete(`replication_rule/${id}`)).status).toBe(422);
    expect((await client.delete(`policy/${policy.id}`)).status).toBe(422);
    await core.peer.db.prisma.agent.update({ where: { id: agentId }, data: { policyId: null } });
    expect((await client.delete(`policy/${policy.id}`)).status).toBe(204);
    expect((await client.delete(`replication_rule/${id}`)).status).toBe(204);
  });
});

describe("a policy", () => {
  it("holds rules by id or by name, adds and removes them, and is cloned", async () => {
    const [a, b] = [await newRule({ name: "rule a" }), await newRule({ name: "rule b" })];
    const snap = await client.post("snapshot_rule", { name: "hourly", interval: "One_Hour", desired_retention: 24 });
    const created = await client.post("policy", {
      name: "Silver",
      description: "second class",
      replication_rule_ids: ["name:RULE A"],
      snapshot_rule_ids: [snap.body.id],
    });
    const read = async (id: string) =>
      (await client.get(`policy/${id}?select=name,description,type,replication_rules(id),snapshot_rules(id)`)).body;
    expect(await read(created.body.id)).toEqual({
      name: "Silver",
      description: "second class",
      type: "Protection",
      replication_rules: [{ id: a }],
      snapshot_rules: [{ id: snap.body.id }],
    });
    const changed = await client.patch(`policy/${created.body.id}`, {
      add_replication_rule_ids: [b],
      remove_replication_rule_ids: ["name:rule a"],
      remove_snapshot_rule_ids: [snap.body.id],
    });
    expect(changed.status).toBe(204);
    expect(await read(created.body.id)).toMatchObject({ replication_rules: [{ id: b }], snapshot_rules: [] });
    const cloned = await client.post(`policy/name:silver/clone`, { name: "Copper" });
    expect(cloned.status).toBe(200);
    expect(await read(cloned.body.id)).toMatchObject({ name: "Copper", replication_rules: [{ id: b }] });
  });

  it("has at least one rule, known ones only, and a name of its own", async () => {
    const rule = await newRule();
    for (const body of [
      { name: "p", replication_rule_ids: [], snapshot_rule_ids: null },
      { name: "p" },
      { name: "p", replication_rule_ids: "x" },
      { name: "p", replication_rule_ids: [rule], type: "QoS" },
    ])
      expect((await client.post("policy", body)).status).toBe(400);
    expect((await client.post("policy", { name: "p", replication_rule_ids: [remote] })).status).toBe(404);
    expect((await client.post("policy", { name: "p", replication_rule_ids: [rule] })).status).toBe(201);
    expect((await client.post("policy", { name: "P", replication_rule_ids: [rule] })).status).toBe(422);
  });
});

describe("a snapshot rule", () => {
  it("goes by an interval or a time of day, in its time zone, and is told in the words of this API", async () => {
    const created = await client.post("snapshot_rule", {
      name: "nightly",
      time_of_day: "02:30",
      timezone: "Europe__Berlin",
      days_of_week: ["Monday", "Sunday"],
      desired_retention: 72,
    });
    expect(created.status).toBe(201);
    const read = async () => (await client.get(`snapshot_rule/${created.body.id}?select=*`)).body;
    expect(await read()).toMatchObject({
      interval: null,
      time_of_day: "02:30",
      timezone: "Europe__Berlin",
      days_of_week: ["Monday", "Sunday"],
      desired_retention: 72,
    });
    expect(
      (await client.patch(`snapshot_rule/${created.body.id}`, { interval: "Six_Hours", desired_retention: 0 })).status,
    ).toBe(204);
    expect(await read()).toMatchObject({ interval: "Six_Hours", time_of_day: null, desired_retention: null });
    expect((await client.get("snapshot_rule?interval=eq.Six_Hours&timezone=eq.Europe__Berlin")).body).toHaveLength(1);
    expect((await client.delete(`snapshot_rule/${created.body.id}`)).status).toBe(204);
    expect(errorOf(await client.delete(`snapshot_rule/${created.body.id}`))).toEqual([404, "0xE0203001000B", "Error"]);
  });

  it("refuses a schedule that is none", async () => {
    for (const body of [
      { name: "s" },
      { name: "s", interval: "One_Minute" },
      { name: "s", time_of_day: "25:00" },
      { name: "s", time_of_day: "02:00", days_of_week: ["Someday"] },
      { name: "s", interval: "One_Hour", timezone: "Middle__Earth" },
      { name: "s", interval: "One_Hour", desired_retention: -1 },
    ])
      expect((await client.post("snapshot_rule", body)).status).toBe(400);
  });
});

describe("an order with is_async", () => {
  it("answers 202 and a job that tells what became of it, good or bad", async () => {
    const id = await newRule();
    const path = `replication_rule/${id}?is_async=true`;
    const answers = [await client.delete(path), await client.delete(path)];
    expect(answers.map(({ status }) => status)).toEqual([202, 202]);
    const jobs = await Promise.all(answers.map(({ body }) => client.get(`job/${body.id}?select=*`)));
    expect(jobs.map(({ body }) => body)).toMatchObject([
      {
        state: "COMPLETED",
        phase: "Completed",
        resource_action: "delete",
        resource_type: "replication_rule",
        resource_id: id,
        user: "engineer@example.com",
        response_status: 204,
        progress_percentage: 100,
      },
      { state: "FAILED", phase: "Failed", response_status: 404, response_body: { messages: [{ severity: "Error" }] } },
    ]);
    const created = await client.post("replication_rule?is_async=true", {
      name: "later",
      rpo: "One_Hour",
      remote_system_id: remote,
    });
    expect(created.status).toBe(202);
    const { body } = await client.get(`job/${created.body.id}?select=response_body,response_status`);
    expect((await client.get(`replication_rule/${body.response_body.id}?select=name`)).body).toEqual({ name: "later" });
  });

  it("is refused at once when it is malformed", async () => {
    expect((await client.post("replication_rule?is_async=true", { flux: 1 })).status).toBe(400);
  });

  it("leaves a job without being asked, too", async () => {
    const id = await newRule();
    const { body } = await client.get(`job?resource_id=eq.${id}&select=state,resource_action&order=start_time.desc`);
    expect(body).toEqual([{ state: "COMPLETED", resource_action: "create" }]);
  });
});

describe("jobs", () => {
  it("are there for a week", async () => {
    await newRule();
    const count = () => core.peer.db.prisma.vendorJob.count();
    const kept = await count();
    core.peer.aheadMs += 6 * 24 * 3600_000;
    await sweepVendorJobs(core.peer.ctx());
    expect(await count()).toBe(kept);
    core.peer.aheadMs += 2 * 24 * 3600_000;
    await sweepVendorJobs(core.peer.ctx());
    expect(await count()).toBe(0);
    core.peer.aheadMs = 0;
  });
});

describe("who may change", () => {
  it("is an operator; who may only read is told 422, for gopowerstore would try again for ever on 403", async () => {
    const reader = await StoreClient.signIn(core, "reader");
    const rule = { name: "no", rpo: "One_Hour", remote_system_id: remote };
    expect(errorOf(await reader.post("replication_rule", rule))).toEqual([422, "0xE09040060002", "Error"]);
    expect((await reader.get("replication_rule")).status).toBe(200);
    expect((await core.call("/api/rest/replication_rule", { method: "POST", body: rule })).status).toBe(401);
  });

  it("may send no content type and Basic with every call, as gopowerstore does", async () => {
    const answer = await core.call("/api/rest/replication_rule/", {
      method: "POST",
      headers: basic("engineer"),
      body: JSON.stringify({ name: "go", rpo: "One_Hour", remote_system_id: remote }),
    });
    expect(answer.status).toBe(201);
  });
});
