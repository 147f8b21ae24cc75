import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import { assignPolicy, createPolicy, deletePolicy, getPolicy, listPolicies, updatePolicy } from "@/lib/engine/policies";
import {
  createReplicationRule,
  deleteReplicationRule,
  getReplicationRule,
  listReplicationRules,
  updateReplicationRule,
} from "@/lib/engine/replication-rules";
import {
  createSnapshotRule,
  deleteSnapshotRule,
  getSnapshotRule,
  listSnapshotRules,
  updateSnapshotRule,
} from "@/lib/engine/snapshot-rules";
import { pairCores } from "../../support/pair";
import { PeerCore, withAgents } from "../../support/peer-core";

const source = await PeerCore.start("first site");
const target = await PeerCore.start("second site");
const pair = await pairCores(source, target);
const ctx = source.ctx();
const { prisma } = source.db;

let count = 0;
const fresh = (text: string) => `${text} ${++count}`;
const snapshotRule = (more: object = {}) =>
  createSnapshotRule(ctx, { name: fresh("rule"), intervalMinutes: 60, ...more });
const replicationRule = (more: object = {}) =>
  createReplicationRule(ctx, { name: fresh("copy"), pairingId: pair.sourceId, rpoSeconds: 3600, ...more });
const policy = async () => createPolicy(ctx, { name: fresh("policy"), snapshotRuleIds: [(await snapshotRule()).id] });
const agent = async () => (await withAgents(source, [fresh("agent")])).agentIds[0] ?? "";
const refused = (detail: string) => ({ code: "conflict", options: { detail } });

describe("a snapshot rule", () => {
  it("says what people said, and in their words", async () => {
    const rule = await snapshotRule({
      intervalMinutes: null,
      timeOfDay: "02:00",
      timeZone: "Europe/Berlin",
      daysOfWeek: [5, 1, 2, 3, 4],
      retentionHours: 720,
    });
    expect(rule.summary).toBe("at 02:00 Europe/Berlin on weekdays, keep 30 days");
    expect(await getSnapshotRule(ctx, rule)).toEqual(rule);
  });

  it.each([
    ["no time at all", { intervalMinutes: null }],
    ["an interval and a time of day", { timeOfDay: "02:00" }],
    ["a time zone that is none", { timeZone: "Mars/Olympus" }],
    ["a day that is none", { daysOfWeek: [8] }],
    ["a time that is none", { intervalMinutes: null, timeOfDay: "24:00" }],
    ["an interval shorter than five minutes", { intervalMinutes: 4 }],
  ])("with %s is refused", async (_, more) => {
    const before = await prisma.snapshotRule.count();
    await expect(snapshotRule(more)).rejects.toThrow();
    expect(await prisma.snapshotRule.count()).toBe(before);
  });

  it("takes an interval in place of its time of day when it is changed, and keeps what is not named", async () => {
    const rule = await snapshotRule({ intervalMinutes: null, timeOfDay: "02:00", retentionHours: 24 });
    const changed = await updateSnapshotRule(ctx, { id: rule.id, intervalMinutes: 15 });
    expect(changed).toMatchObject({ intervalMinutes: 15, timeOfDay: null, retentionHours: 24, name: rule.name });
  });

  it("has a name of its own, also when two make it at once", async () => {
    const name = fresh("twin");
    const both = await Promise.allSettled([snapshotRule({ name }), snapshotRule({ name })]);
    expect(both.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    await expect(snapshotRule({ name })).rejects.toMatchObject(refused("exists"));
  });

  it("is not deleted while a policy holds it, and is afterwards", async () => {
    const [rule, other] = [await snapshotRule(), await snapshotRule()];
    const { id } = await createPolicy(ctx, { name: fresh("holder"), snapshotRuleIds: [rule.id, other.id] });
    await expect(deleteSnapshotRule(ctx, rule)).rejects.toMatchObject(refused("in-use"));
    await updatePolicy(ctx, { id, removeSnapshotRuleIds: [rule.id] });
    await deleteSnapshotRule(ctx, rule);
    await expect(deleteSnapshotRule(ctx, rule)).rejects.toMatchObject({ code: "not_found" });
  });

  it("that is read-only is not changed until that is lifted", async () => {
    const rule = await snapshotRule({ isReadOnly: true });
    await expect(updateSnapshotRule(ctx, { id: rule.id, name: "x" })).rejects.toMatchObject(refused("read-only"));
    expect(await updateSnapshotRule(ctx, { id: rule.id, isReadOnly: false, intervalMinutes: 30 })).toMatchObject({
      intervalMinutes: 30,
    });
  });
});

describe("a replication rule", () => {
  it("names its target and RPO", async () => {
    const rule = await replicationRule({ rpoSeconds: 900 });
    expect(rule).toMatchObject({
      summary: "to second site, at most 15 minutes behind",
      target: { pairingId: pair.sourceId },
    });
    expect(await getReplicationRule(ctx, rule)).toEqual(rule);
  });

  it("goes only where this core is an established source", async () => {
    await expect(replicationRule({ pairingId: randomUUID() })).rejects.toMatchObject({ code: "not_found" });
    const wrongWay = { name: fresh("wrong"), pairingId: pair.targetId, rpoSeconds: 900 };
    await expect(createReplicationRule(target.ctx(), wrongWay)).rejects.toMatchObject(refused("wrong-side"));
  });

  it("is not deleted while a policy holds it, and has a name of its own", async () => {
    const rule = await replicationRule();
    const held = await createPolicy(ctx, { name: fresh("holder"), replicationRuleIds: [rule.id] });
    await expect(deleteReplicationRule(ctx, rule)).rejects.toMatchObject(refused("in-use"));
    await expect(replicationRule({ name: rule.name })).rejects.toMatchObject(refused("exists"));
    await deletePolicy(ctx, held);
    await deleteReplicationRule(ctx, rule);
  });
});

describe("a policy", () => {
  it("has rules that exist, and one at least, also after a change", async () => {
    await expect(createPolicy(ctx, { name: fresh("empty") })).rejects.toMatchObject({ code: "invalid_input" });
    await expect(createPolicy(ctx, { name: fresh("x"), snapshotRuleIds: [randomUUID()] })).rejects.toMatchObject({
      code: "not_found",
    });
    const made = await policy();
    await expect(updatePolicy(ctx, { id: made.id, snapshotRuleIds: [] })).rejects.toMatchObject({
      code: "invalid_input",
    });
    expect(await getPolicy(ctx, made)).toEqual(made);
  });

  it("is not deleted while something is assigned to it, and names what that is", async () => {
    const [made, agentId] = [await policy(), await agent()];
    await assignPolicy(ctx, { agentId, policyId: made.id });
    await expect(deletePolicy(ctx, made)).rejects.toMatchObject(refused("in-use"));
    expect((await getPolicy(ctx, made)).protects).toEqual([
      { kind: "agent", id: agentId, name: expect.any(String), agent: { id: agentId, name: expect.any(String) } },
    ]);
    await assignPolicy(ctx, { agentId, policyId: null });
    await deletePolicy(ctx, made);
  });

  it("of another core is not changed, not deleted and not assigned here", async () => {
    const replica = await prisma.policy.create({ data: { name: fresh("theirs"), pairingId: pair.sourceId } });
    const agentId = await agent();
    await expect(updatePolicy(ctx, { id: replica.id, name: "x" })).rejects.toMatchObject(refused("replica"));
    await expect(deletePolicy(ctx, replica)).rejects.toMatchObject(refused("replica"));
    await expect(assignPolicy(ctx, { agentId, policyId: replica.id })).rejects.toMatchObject(refused("replica"));
    // Its name is not ours to lose.
    await createPolicy(ctx, { name: replica.name, snapshotRuleIds: [(await snapshotRule()).id] });
  });

  it("is assigned only to what exists, is protected here and is led here", async () => {
    const made = await policy();
    const assigned = (input: object) => assignPolicy(ctx, { policyId: made.id, ...input });
    await expect(assigned({ agentId: randomUUID() })).rejects.toMatchObject({ code: "not_found" });
    await expect(assigned({ volumeId: randomUUID() })).rejects.toMatchObject({ code: "not_found" });
    await expect(assigned({})).rejects.toThrow("Name either an agent or a volume.");
    const agentId = await agent();
    await prisma.agent.update({ where: { id: agentId }, data: { leadPairingId: pair.sourceId } });
    await expect(assigned({ agentId })).rejects.toMatchObject(refused("wrong-side"));
    await expect(assignPolicy(ctx, { agentId, policyId: randomUUID() })).rejects.toMatchObject({ code: "conflict" });
  });

  it("that is assigned leaves an entry in the audit trail, and the same again none", async () => {
    const [made, agentId] = [await policy(), await agent()];
    await assignPolicy(ctx, { agentId, policyId: made.id });
    await assignPolicy(ctx, { agentId, policyId: made.id });
    expect(await prisma.auditEntry.count({ where: { action: "policy.assign", subject: agentId } })).toBe(1);
  });
});

describe("a list", () => {
  it("pages by name without losing or doubling one, however alike the names are", async () => {
    const name = "ä".repeat(120);
    for (let index = 0; index < 5; index++) await snapshotRule({ name: `${name} ${index}` });
    const seen: string[] = [];
    let cursor: string | null | undefined;
    do {
      const page = await listSnapshotRules(ctx, { limit: 2, search: name, ...(cursor ? { cursor } : {}) });
      expect(page.total).toBe(5);
      seen.push(...page.items.map((item) => item.name));
      cursor = page.nextCursor;
    } while (cursor);
    expect(seen).toEqual([0, 1, 2, 3, 4].map((index) => `${name} ${index}`));
    for (const list of [listSnapshotRules, listReplicationRules, listPolicies])
      await expect(list(ctx, { limit: 2, cursor: "nonsense" })).rejects.toMatchObject({ code: "invalid_input" });
  });

  it("tells own policies from replicas", async () => {
    const local = await listPolicies(ctx, { limit: 200, origin: "local" });
    const replicas = await listPolicies(ctx, { limit: 200, origin: "replica" });
    expect(local.items.every(({ replicaOf }) => replicaOf === null)).toBe(true);
    expect(replicas.items.map(({ replicaOf }) => replicaOf?.name)).toEqual(["second site"]);
  });
});

describe("a change of a rule in use", () => {
  it("changes the RPO of its sessions at once", async () => {
    const [rule, agentId] = [await replicationRule({ rpoSeconds: 3600 }), await agent()];
    const made = await createPolicy(ctx, { name: fresh("policy"), replicationRuleIds: [rule.id] });
    await assignPolicy(ctx, { agentId, policyId: made.id });
    expect(await updateReplicationRule(ctx, { id: rule.id, rpoSeconds: 900 })).toMatchObject({ sessions: 1 });
    const session = await prisma.replicationSession.findFirstOrThrow({ where: { agentId } });
    expect(session).toMatchObject({ rpoSeconds: 900, replicationRuleId: rule.id, policyId: made.id });
  });
});
