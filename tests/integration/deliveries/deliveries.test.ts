import { randomUUID } from "node:crypto";
import { beforeEach, describe, expect, it } from "vitest";
import { type CreateAlertRuleInput, createAlertRule } from "@/lib/engine/alert-rules";
import { CreateAlertRuleInput as RuleInput } from "@/lib/engine/alert-rules/schemas";
import { acknowledgeAlert, clearAlert, type RaisedAlert, raiseAlert } from "@/lib/engine/alerts";
import { createChannel, listChannels, testChannel, updateChannel } from "@/lib/engine/channels";
import { deliver, ListDeliveriesInput, listDeliveries, retryDelivery, wakeDeliveries } from "@/lib/engine/deliveries";
import { claimMessage } from "@/lib/engine/deliveries/claim";
import { setMailSettings } from "@/lib/engine/mail";
import { startMailServer } from "../../support/mail-server";
import { PeerCore, withAgents } from "../../support/peer-core";
import { makePki } from "../../support/tls-server";
import { until } from "../../support/until";
import { startReceiver } from "../../support/webhook-receiver";

const core = await PeerCore.start("telling");
const { agentIds } = await withAgents(core, ["mail", "files"]);
const pki = await makePki(new Date(), ["127.0.0.1"]);
const [mailServer, receiver, other] = await Promise.all([startMailServer(pki), startReceiver(), startReceiver(pki)]);
const { prisma } = core.db;
const ctx = () => core.ctx();
const NOON = Date.parse("2026-11-18T12:00:00Z");
const seconds = (count: number) => count * 1_000;
const minutes = (count: number) => seconds(count * 60);
const hours = (count: number) => minutes(count * 60);

/** The injected clock shows this much after noon of a Wednesday. */
const at = (afterNoonMs: number) => {
  core.aheadMs = NOON + afterNoonMs - Date.now();
};
const [mailAgent = ""] = agentIds;
const raise = (more: Partial<RaisedAlert> = {}) =>
  raiseAlert(prisma, ctx(), {
    kind: "points-lost",
    severity: "warning",
    subjectKind: "agent",
    subjectId: mailAgent,
    title: "Points of <mail> were lost",
    detail: "Two of them.",
    ...more,
  });
const clear = (kind: RaisedAlert["kind"] = "points-lost", subjectId = mailAgent) =>
  clearAlert(prisma, ctx(), { kind, subjectId });
const webhook = (more: object = {}) =>
  createChannel(ctx(), {
    kind: "webhook",
    name: "pager",
    url: receiver.url,
    isInside: true,
    authorityPem: "",
    ...more,
  });
const email = (addresses = ["ada@example.com"]) => createChannel(ctx(), { kind: "email", name: "people", addresses });
const rule = (channelId: string, more: Partial<CreateAlertRuleInput> = {}) =>
  createAlertRule(ctx(), RuleInput.parse({ name: "another", channelId, ...more }));
const log = async (input: object = {}) => (await listDeliveries(ctx(), ListDeliveriesInput.parse(input))).items;
const states = async () => (await log()).map(({ event, state }) => `${event} ${state}`).sort();
const types = (hooks = receiver.hooks) => hooks.map(({ body }) => body.type);

beforeEach(async () => {
  at(0);
  await prisma.delivery.deleteMany();
  await prisma.channel.deleteMany();
  await prisma.alert.deleteMany();
  core.jobs = [];
  for (const each of [receiver, other]) {
    each.hooks.length = 0;
    each.answer = () => undefined;
  }
  mailServer.mails.length = 0;
  mailServer.beforeMail = () => undefined;
  await setMailSettings(ctx(), {
    host: "127.0.0.1",
    port: mailServer.port,
    security: "starttls",
    user: "core",
    password: "correct horse",
    from: "core@example.com",
    fromName: "Twincore",
    authorityPem: pki.ca,
  });
});

describe("an alert by webhook", () => {
  it("is signed as Standard Webhooks wants it, told once, and told once more when it is over", async () => {
    const { secret } = await webhook();
    await raise();
    await deliver(ctx());
    await deliver(ctx());
    expect(types()).toEqual(["alert.raised"]);
    await clear();
    at(seconds(5));
    await deliver(ctx());
    expect(types()).toEqual(["alert.raised", "alert.cleared"]);
    const [hook] = receiver.hooks;
    core.aheadMs = 0;
    expect(() => hook && receiver.verify(hook, secret ?? "")).toThrow("timestamp too old");
    expect(hook?.body.data).toMatchObject({
      core: { name: "telling" },
      alert: { kind: "points-lost", severity: "warning" },
    });
    expect(await states()).toEqual(["cleared delivered", "raised delivered"]);
  });

  it("is verified by the standard's library, and by it alone with the right secret and untouched", async () => {
    core.aheadMs = 0;
    const { secret } = await webhook();
    await raise();
    await deliver(ctx());
    const [hook] = receiver.hooks;
    if (!hook || !secret) throw new Error("nothing came");
    expect(receiver.verify(hook, secret)).toMatchObject({ type: "alert.raised" });
    expect(() => receiver.verify({ ...hook, text: hook.text.replace("warning", "info") }, secret)).toThrow();
    expect(() => receiver.verify(hook, `whsec_${Buffer.alloc(32).toString("base64")}`)).toThrow();
  });

  it("is told again when it gets worse, and not when it only goes on", async () => {
    await webhook();
    await raise();
    await deliver(ctx());
    await raise({ detail: "Three of them." });
    await deliver(ctx());
    await raise({ severity: "critical" });
    await deliver(ctx());
    expect(receiver.hooks.map(({ body }) => body.data.alert.severity)).toEqual(["warning", "critical"]);
  });

  it("goes to each channel once, however many rules ask for it and however many workers send", async () => {
    const { id } = await webhook();
    const second = await webhook({ name: "second", url: other.url, authorityPem: pki.ca });
    for (const channelId of [id, second.id]) await rule(channelId, { minSeverity: "info" });
    await rule(id, { kinds: ["points-lost"] });
    await Promise.all(agentIds.map((subjectId) => raise({ subjectId })));
    await Promise.all(Array.from({ length: 4 }, () => deliver(ctx())));
    expect(types()).toEqual(["alert.raised", "alert.raised"]);
    expect(types(other.hooks)).toEqual(["alert.raised", "alert.raised"]);
    expect(new Set(receiver.hooks.map((hook) => hook.id)).size).toBe(2);
  });

  it("is sent again under the same id when a worker dies between sending and writing it down", async () => {
    await webhook();
    await raise();
    await deliver(ctx());
    await prisma.delivery.updateMany({
      data: { state: "sending", deliveredAt: null, nextAttemptAt: new Date(NOON + minutes(3)) },
    });
    at(minutes(2));
    await deliver(ctx());
    expect(receiver.hooks).toHaveLength(1);
    at(minutes(4));
    await deliver(ctx());
    expect(receiver.hooks).toHaveLength(2);
    expect(receiver.hooks[1]?.id).toBe(receiver.hooks[0]?.id);
    expect(await states()).toEqual(["raised delivered"]);
  });

  it("of a rule for one tenant, kind or severity goes to nobody else", async () => {
    const { id } = await webhook();
    const tenant = await prisma.tenant.create({ data: { name: `Acme ${randomUUID()}` } });
    await prisma.alertRule.deleteMany();
    await rule(id, { tenantIds: [tenant.id], kinds: ["points-lost"], minSeverity: "critical" });
    await raise({ severity: "critical" });
    await raise({ severity: "critical", tenantId: tenant.id, kind: "diverged" });
    await raise({ severity: "warning", tenantId: tenant.id, subjectId: agentIds[1] ?? "" });
    await deliver(ctx());
    expect(receiver.hooks).toEqual([]);
    await raise({ severity: "critical", tenantId: tenant.id, subjectId: randomUUID() });
    await deliver(ctx());
    expect(types()).toEqual(["alert.raised"]);
  });
});

describe("a receiver in trouble", () => {
  it("is asked again after 30 s, 60 s, 120 s… and has everything, in order, when it works again", async () => {
    const { id } = await webhook();
    receiver.answer = (_hook, response) => void response.writeHead(500, "Full moon").end("a secret of the receiver");
    await raise();
    const waits: number[] = [];
    for (let attempt = 1; attempt <= 5; attempt++) {
      await deliver(ctx());
      const { lastAttemptAt, nextAttemptAt } = await prisma.delivery.findFirstOrThrow({ where: { attempts: attempt } });
      waits.push(Math.round((nextAttemptAt.getTime() - (lastAttemptAt?.getTime() ?? 0)) / 1000));
      // What comes meanwhile waits behind it.
      if (attempt === 2) await raise({ subjectId: agentIds[1] ?? "" });
      at(nextAttemptAt.getTime() - NOON - 5_000);
      await deliver(ctx());
      expect(receiver.hooks).toHaveLength(attempt);
      at(nextAttemptAt.getTime() - NOON + 1);
    }
    expect(waits).toEqual([30, 60, 120, 240, 480]);
    const [newest, oldest] = await log();
    expect(oldest).toMatchObject({
      state: "waiting",
      attempts: 5,
      responseStatus: 500,
      words: "It answered 500 Full moon.",
    });
    expect(newest).toMatchObject({ state: "waiting", attempts: 0 });
    expect(JSON.stringify(await log())).not.toContain("secret of the receiver");
    expect((await listChannels(ctx(), {})).items[0]?.failingSince).not.toBeNull();
    receiver.hooks.length = 0;
    receiver.answer = () => undefined;
    await deliver(ctx());
    expect(receiver.hooks.map(({ body }) => body.data.alert.subject.id)).toEqual(agentIds);
    expect((await listChannels(ctx(), {})).items).toMatchObject([{ id, failingSince: null, lastError: "" }]);
  });

  it("is given up after a day, and a person may have it tried once more", async () => {
    await webhook();
    receiver.answer = (_hook, response) => void response.writeHead(503).end();
    await raise();
    for (let hour = 0; hour <= 26; hour += 2) {
      at(hours(hour));
      await deliver(ctx());
    }
    const [given] = await log();
    expect(given).toMatchObject({ state: "failed", nextAttemptAt: null, attempts: 13 });
    receiver.answer = () => undefined;
    await retryDelivery(ctx(), { id: given?.id ?? "" });
    expect(core.jobs.map(({ name }) => name)).toContain("deliver");
    await core.runJobs("deliver");
    expect(await states()).toEqual(["raised delivered"]);
    await expect(retryDelivery(ctx(), { id: given?.id ?? "" })).rejects.toMatchObject({ code: "conflict" });
    await expect(retryDelivery(ctx(), { id: randomUUID() })).rejects.toMatchObject({ code: "not_found" });
  });

  it("that says it is gone switches its channel off, and others hear of it", async () => {
    const { id } = await webhook();
    const second = await webhook({ name: "second", url: other.url, authorityPem: pki.ca });
    await rule(second.id);
    receiver.answer = (_hook, response) => void response.writeHead(410).end();
    for (const subjectId of agentIds) await raise({ subjectId });
    await deliver(ctx());
    await deliver(ctx());
    expect(receiver.hooks).toHaveLength(1);
    expect((await listChannels(ctx(), {})).items.find((channel) => channel.id === id)).toMatchObject({
      enabled: false,
    });
    expect((await log({ channelId: id })).map(({ state }) => state).sort()).toEqual(["failed", "skipped"]);
    expect(other.hooks.map(({ body }) => body.data.alert.kind)).toContain("channel-failing");
    // On again: what it said is forgotten.
    expect(await updateChannel(ctx(), { id, enabled: true })).toMatchObject({ enabled: true, goneAt: null });
  });

  it("that sends callers elsewhere is not followed", async () => {
    await webhook();
    receiver.answer = (_hook, response) => void response.writeHead(302, { location: other.url }).end();
    await raise();
    await deliver(ctx());
    expect(other.hooks).toEqual([]);
    expect((await log())[0]).toMatchObject({ state: "waiting", responseStatus: 302 });
  });

  it("that is slow does not hold up the others", async () => {
    await webhook();
    const second = await webhook({ name: "second", url: other.url, authorityPem: pki.ca });
    await rule(second.id);
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    receiver.answer = () => held;
    for (const subjectId of agentIds) await raise({ subjectId });
    const delivering = deliver(ctx());
    await until("the other channel has heard both", () => other.hooks.length === 2);
    await until("the slow one is being asked", () => receiver.hooks.length === 1);
    release();
    await delivering;
    expect(receiver.hooks).toHaveLength(2);
  });

  it("whose certificate nobody vouches for hears nothing", async () => {
    await webhook({ url: other.url });
    await raise();
    await deliver(ctx());
    expect(other.hooks).toEqual([]);
    expect((await log())[0]?.words).toContain("vouches");
  });
});

describe("alerts by e-mail", () => {
  it("of one burst are one mail, the worst first; a program gets each by itself", async () => {
    await email();
    const { id } = await webhook();
    await rule(id);
    await prisma.alert.createMany({
      data: Array.from({ length: 82 }, (_, index) => ({
        kind: "points-lost",
        severity: index === 80 ? ("critical" as const) : ("warning" as const),
        subjectKind: "agent",
        subjectId: randomUUID(),
        title: `Agent ${index} is late`,
        openKey: `${index}`,
      })),
    });
    await deliver(ctx());
    expect(mailServer.mails).toHaveLength(0);
    at(seconds(31));
    await deliver(ctx());
    expect(mailServer.mails).toHaveLength(1);
    const [mail] = mailServer.mails;
    expect(mail?.subject).toBe("82 alerts, 1 critical (telling)");
    expect(mail?.text).toMatch(/^CRITICAL: Agent 80 is late/);
    expect(mail?.text).toContain("and 32 more");
    expect(receiver.hooks).toHaveLength(82);
  });

  it("says a single one whole, and what stands in it stays text", async () => {
    await email();
    await raise({ title: "<b>mail</b> lost\r\nBcc: eve@example.com" });
    await deliver(ctx());
    at(seconds(31));
    await deliver(ctx());
    const [mail] = mailServer.mails;
    expect(mail).toMatchObject({ recipients: ["ada@example.com"], secure: true });
    expect(mail?.subject).toBe("[warning] <b>mail</b> lost Bcc: eve@example.com (telling)");
    expect(mail?.html).toContain("&lt;b&gt;mail&lt;/b&gt;");
    expect(mail?.text).toContain("Two of them.");
  });

  it("come not more often than every five minutes while there are ever new ones", async () => {
    await email();
    for (let minute = 0; minute < 12; minute++) {
      at(minutes(minute));
      await raise({ subjectId: randomUUID() });
      await deliver(ctx());
      at(minutes(minute) + seconds(31));
      await deliver(ctx());
    }
    expect(mailServer.mails).toHaveLength(3);
  });

  it("that is over, or seen to, before anybody was told is not told, nor is its end", async () => {
    await email();
    await raise();
    await raise({ kind: "diverged" });
    await deliver(ctx());
    await clear();
    const diverged = await prisma.alert.findFirstOrThrow({ where: { kind: "diverged" } });
    await acknowledgeAlert(ctx(), { id: diverged.id });
    at(seconds(31));
    await deliver(ctx());
    await clear("diverged");
    at(minutes(10));
    await deliver(ctx());
    expect(mailServer.mails).toEqual([]);
    expect(await states()).toEqual(["raised skipped", "raised skipped"]);
  });

  it("wait for a server that is down and arrive when it is back, under the same id when it had taken them", async () => {
    await email();
    mailServer.beforeMail = () => {
      throw Object.assign(new Error("try later"), { responseCode: 451 });
    };
    await raise();
    await deliver(ctx());
    at(seconds(31));
    await deliver(ctx());
    expect((await log())[0]).toMatchObject({ state: "waiting", words: expect.stringContaining("451 try later") });
    mailServer.beforeMail = () => undefined;
    at(seconds(62));
    await deliver(ctx());
    await prisma.delivery.updateMany({ data: { state: "sending", nextAttemptAt: new Date(NOON) } });
    await deliver(ctx());
    expect(mailServer.mails).toHaveLength(2);
    expect(mailServer.mails[0]?.messageId).toBe(mailServer.mails[1]?.messageId);
  });
});

describe("quiet hours", () => {
  const quiet = { from: "22:00", to: "06:00", days: [] };
  const night = hours(11);
  const morning = hours(18) + seconds(1);

  it("hold alerts until their end, and then tell what is still open in one mail", async () => {
    const { id } = await email();
    await prisma.alertRule.deleteMany();
    await rule(id, { quiet });
    at(night);
    for (let index = 0; index < 5; index++) await raise({ subjectId: randomUUID(), title: `Agent ${index} is late` });
    await raise();
    await deliver(ctx());
    at(night + hours(3));
    await clear();
    await deliver(ctx());
    expect(mailServer.mails).toEqual([]);
    at(morning);
    await deliver(ctx());
    expect(mailServer.mails.map(({ subject }) => subject)).toEqual(["5 alerts (telling)"]);
  });

  it("do not hold what is critical, unless the rule says so", async () => {
    const { id } = await webhook();
    await prisma.alertRule.deleteMany();
    const made = await rule(id, { quiet, criticalAnyway: false });
    at(night);
    await raise({ severity: "critical" });
    await deliver(ctx());
    expect(receiver.hooks).toEqual([]);
    await prisma.alertRule.update({ where: { id: made.id }, data: { criticalAnyway: true } });
    await raise({ severity: "critical", kind: "diverged" });
    await deliver(ctx());
    expect(receiver.hooks.map(({ body }) => body.data.alert.kind)).toEqual(["diverged"]);
  });
});

describe("a test of a channel", () => {
  it("says what really came of it, and is in the log", async () => {
    const { id } = await webhook();
    expect(await testChannel(ctx(), { id })).toEqual({ ok: true, words: "204 No Content" });
    expect(types()).toEqual(["test"]);
    receiver.answer = (_hook, response) => void response.writeHead(401, "Who are you").end();
    expect(await testChannel(ctx(), { id })).toEqual({ ok: false, words: "It answered 401 Who are you." });
    expect(await states()).toEqual(["test delivered", "test failed"]);
    const people = await email();
    expect(await testChannel(ctx(), { id: people.id })).toMatchObject({ ok: true });
    expect(mailServer.mails).toHaveLength(1);
    await prisma.setting.deleteMany({ where: { name: "mail" } });
    expect((await testChannel(ctx(), { id: people.id })).words).toContain("no mail server");
  });
});

describe("the look for what is to be told", () => {
  it("asks for work only when there is some, and never while nobody wants to be told", async () => {
    await raise();
    await wakeDeliveries(ctx());
    expect(core.jobs).toEqual([]);
    await webhook();
    await wakeDeliveries(ctx());
    expect(core.jobs).toEqual([{ name: "deliver", payload: {} }]);
    await core.runJobs("deliver");
    expect(receiver.hooks).toHaveLength(1);
    await wakeDeliveries(ctx());
    expect(core.jobs).toEqual([]);
  });

  it("gives a message to one of two workers that claim at once", async () => {
    await webhook();
    await raise();
    receiver.answer = (_hook, response) => void response.writeHead(500).end();
    await deliver(ctx());
    at(minutes(5));
    const claimed = await Promise.all(Array.from({ length: 6 }, () => claimMessage(ctx())));
    expect(claimed.filter(Boolean)).toHaveLength(1);
  });
});

describe("the log", () => {
  it("names where a webhook goes by scheme and host alone, and turns its pages without losing a row", async () => {
    await webhook();
    for (let index = 0; index < 12; index++) await raise({ subjectId: randomUUID() });
    await deliver(ctx());
    expect(JSON.stringify(await log({ limit: 200 }))).not.toContain("in-the-path");
    const seen: string[] = [];
    let cursor: string | null | undefined;
    do {
      const page = await listDeliveries(ctx(), ListDeliveriesInput.parse({ limit: 5, cursor: cursor ?? undefined }));
      seen.push(...page.items.map(({ id }) => id));
      cursor = page.nextCursor;
    } while (cursor);
    expect(new Set(seen).size).toBe(12);
    expect(seen).toHaveLength(12);
    await expect(log({ cursor: "x" })).rejects.toMatchObject({ code: "invalid_input" });
  });
});
