import { randomUUID } from "node:crypto";
import { beforeEach, describe, expect, it } from "vitest";
import { createAlertRule, deleteAlertRule, listAlertRules, updateAlertRule } from "@/lib/engine/alert-rules";
import { CreateAlertRuleInput } from "@/lib/engine/alert-rules/schemas";
import {
  CreateChannelInput,
  createChannel,
  deleteChannel,
  listChannels,
  renewChannelSecret,
  testChannel,
  updateChannel,
} from "@/lib/engine/channels";
import { postMessage } from "@/lib/engine/channels/post";
import { PeerCore } from "../../support/peer-core";
import { makePki } from "../../support/tls-server";
import { startReceiver } from "../../support/webhook-receiver";

const core = await PeerCore.start("channels");
const pki = await makePki(new Date(), ["127.0.0.1"]);
const [receiver, secure] = await Promise.all([startReceiver(), startReceiver(pki)]);
const { prisma } = core.db;
const ctx = () => core.ctx();
const webhook = (more: object = {}) =>
  createChannel(
    ctx(),
    CreateChannelInput.parse({ kind: "webhook", name: "pager", url: receiver.url, isInside: true, ...more }),
  );
const rule = (more: object = {}) => CreateAlertRuleInput.parse({ name: "r", channelId: randomUUID(), ...more });
const everything = async () => {
  const [channels, audit, events, rules] = await Promise.all([
    prisma.channel.findMany(),
    prisma.auditEntry.findMany({ select: { detail: true, subject: true } }),
    prisma.event.findMany({ select: { subject: true } }),
    prisma.alertRule.findMany(),
  ]);
  return JSON.stringify({ channels, audit, events, rules });
};

beforeEach(async () => {
  core.aheadMs = 0;
  await prisma.channel.deleteMany();
  for (const each of [receiver, secure]) {
    each.hooks.length = 0;
    each.answer = () => undefined;
  }
});

describe("a webhook's secret", () => {
  it("is in the answer that made it and nowhere else", async () => {
    const { id, secret } = await webhook();
    expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    const key = secret?.slice("whsec_".length) ?? "";
    expect(JSON.stringify(await listChannels(ctx(), {}))).not.toContain(key);
    const kept = await everything();
    expect(kept).not.toContain(key);
    // The address may be a secret as well: the audit trail has the machine alone.
    const audit = await prisma.auditEntry.findMany({ where: { subject: id } });
    expect(JSON.stringify(audit.map(({ detail }) => detail))).not.toContain("in-the-path");
  });

  it("may be changed for a new one, and both count for a day", async () => {
    const { id, secret: old } = await webhook();
    const { secret, previousSecretUntil } = await renewChannelSecret(ctx(), { id });
    expect(previousSecretUntil).not.toBeNull();
    await testChannel(ctx(), { id });
    const [both] = receiver.hooks;
    if (!both || !secret || !old) throw new Error("nothing came");
    for (const each of [secret, old]) expect(receiver.verify(both, each)).toMatchObject({ type: "test" });
    // The standard's library looks at the real clock, so the day is over by moving its end.
    await prisma.channel.update({ where: { id }, data: { previousKeyUntil: new Date(Date.now() - 1) } });
    await testChannel(ctx(), { id });
    const after = receiver.hooks[1];
    if (!after) throw new Error("nothing came");
    expect(receiver.verify(after, secret)).toMatchObject({ type: "test" });
    expect(() => receiver.verify(after, old)).toThrow();
  });

  it("is none of e-mail's", async () => {
    const made = await createChannel(ctx(), { kind: "email", name: "people", addresses: ["ada@example.com"] });
    expect(made.secret).toBeNull();
    await expect(renewChannelSecret(ctx(), { id: made.id })).rejects.toMatchObject({ code: "invalid_input" });
  });
});

describe("where a webhook goes", () => {
  it.each([
    "http://hooks.example.com/",
    "https://127.0.0.1/",
    "https://[::1]/",
    "https://10.1.2.3/",
    "https://192.168.1.1:8443/x",
    "https://169.254.169.254/latest/meta-data",
    "https://[::ffff:10.0.0.1]/",
    "https://[fd00::1]/",
    "https://localhost/",
    "https://2130706433/",
    "https://0x7f.1/",
    "https://user:password@hooks.example.com/",
  ])("is not %s, unless somebody says that it is inside", async (url) => {
    await expect(webhook({ url, isInside: false })).rejects.toMatchObject({ code: "invalid_input" });
  });

  it.each(["http://169.254.169.254/", "http://224.0.0.1/", "http://[fe80::1]/", "http://u:p@10.0.0.1/"])(
    "is never %s",
    async (url) => {
      await expect(webhook({ url })).rejects.toMatchObject({ code: "invalid_input" });
    },
  );

  it.each(["ftp://hooks.example.com/", "file:///etc/passwd", "javascript:alert(1)", "hooks.example.com", ""])(
    "is no %s at all",
    (url) => {
      expect(CreateChannelInput.safeParse({ kind: "webhook", name: "x", url }).success).toBe(false);
    },
  );

  it("is looked at as it is dialled: a name that means this machine is refused, and nobody is called", async () => {
    const { port } = new URL(secure.url);
    const outcome = await postMessage(
      { url: `https://localhost:${port}/`, isInside: false, authorityPem: pki.ca },
      "{}",
      {},
    );
    expect(outcome).toMatchObject({ ok: false, status: null, words: expect.stringContaining("inside this network") });
    expect(secure.hooks).toEqual([]);
  });

  it("may not become another one by an update", async () => {
    const { id } = await webhook();
    await expect(updateChannel(ctx(), { id, isInside: false })).rejects.toMatchObject({ code: "invalid_input" });
    await expect(updateChannel(ctx(), { id, url: "http://169.254.169.254/" })).rejects.toMatchObject({
      code: "invalid_input",
    });
    await expect(updateChannel(ctx(), { id, addresses: ["a@example.com"] })).rejects.toMatchObject({
      code: "invalid_input",
    });
  });

  it("that never answers, hangs up, or speaks no HTTP fails in words", async () => {
    const target = { url: receiver.url, isInside: true, authorityPem: "" };
    let release: () => void = () => undefined;
    receiver.answer = () =>
      new Promise((resolve) => {
        release = resolve;
      });
    expect(await postMessage(target, "{}", {}, 50)).toMatchObject({
      ok: false,
      words: expect.stringContaining("ten seconds"),
    });
    release();
    receiver.answer = (_hook, _response, request) => void request.socket.destroy();
    expect(await postMessage(target, "{}", {})).toMatchObject({ ok: false, words: expect.stringContaining("broke") });
    receiver.answer = (_hook, _response, request) => void request.socket.end("nonsense\r\n\r\n");
    expect(await postMessage(target, "{}", {})).toMatchObject({ ok: false, status: null });
    receiver.answer = (_hook, response) => void response.writeHead(200).write("x".repeat(1_000_000));
    expect(await postMessage(target, "{}", {})).toMatchObject({ ok: true, status: 200 });
    expect(await postMessage(target, "x".repeat(300_000), {})).toMatchObject({
      ok: false,
      words: expect.stringContaining("too large"),
    });
    expect(await postMessage({ ...target, url: "http://127.0.0.1:1/" }, "{}", {})).toMatchObject({
      words: "Nothing listens at its address.",
    });
  });
});

describe("channels and rules", () => {
  it("the first channel gets a rule, the second none", async () => {
    const { id } = await webhook();
    await webhook({ name: "second" });
    expect((await listAlertRules(ctx(), {})).items).toMatchObject([
      { channelId: id, minSeverity: "warning", enabled: true },
    ]);
  });

  it("a name is taken once, also by two at once", async () => {
    const both = await Promise.allSettled([webhook(), webhook()]);
    expect(both.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    const other = await webhook({ name: "other" });
    await expect(updateChannel(ctx(), { id: other.id, name: "pager" })).rejects.toMatchObject({ code: "conflict" });
    await updateChannel(ctx(), { id: other.id, name: "other" });
  });

  it("a removed channel takes its rules along; what is not there is not found", async () => {
    const { id } = await webhook();
    await deleteChannel(ctx(), { id });
    expect((await listAlertRules(ctx(), {})).items).toEqual([]);
    const gone = { id };
    for (const call of [deleteChannel, testChannel, renewChannelSecret, updateChannel])
      await expect(call(ctx(), gone)).rejects.toMatchObject({ code: "not_found" });
    await expect(deleteAlertRule(ctx(), gone)).rejects.toMatchObject({ code: "not_found" });
  });

  it("a rule names a channel and tenants that are there, and is changed as a whole", async () => {
    const { id: channelId } = await webhook();
    await expect(createAlertRule(ctx(), rule())).rejects.toMatchObject({ code: "invalid_input" });
    await expect(createAlertRule(ctx(), rule({ channelId, tenantIds: [randomUUID()] }))).rejects.toMatchObject({
      code: "invalid_input",
    });
    const quiet = { from: "22:00", to: "06:00", days: [5, 1, 5] };
    const made = await createAlertRule(ctx(), rule({ channelId, quiet, timeZone: "Europe/Berlin" }));
    expect(made.quiet).toEqual({ from: "22:00", to: "06:00", days: [1, 5] });
    const changed = await updateAlertRule(ctx(), { ...rule({ channelId, name: "by day" }), id: made.id });
    expect(changed).toMatchObject({ name: "by day", quiet: null });
    await expect(updateAlertRule(ctx(), { ...rule({ channelId }), id: randomUUID() })).rejects.toMatchObject({
      code: "not_found",
    });
  });

  it.each([
    ["hours that are none", { quiet: { from: "24:00", to: "06:00" } }],
    ["hours that never end", { quiet: { from: "00:00", to: "00:00" } }],
    ["hours that never end, day by day", { quiet: { from: "00:00", to: "00:00", days: [1, 2, 3, 4, 5, 6, 7] } }],
    ["a time zone that is none", { timeZone: "Mars/Olympus" }],
    ["a kind that is none", { kinds: ["weather"] }],
    ["no name", { name: " " }],
  ])("a rule has no %s", (_what, wrong) => {
    expect(CreateAlertRuleInput.safeParse({ name: "r", channelId: randomUUID(), ...wrong }).success).toBe(false);
  });

  it("a rule whose every kind is unknown by now is about nothing, not about everything", async () => {
    const { id: channelId } = await webhook();
    await prisma.alertRule.create({ data: { name: "old", channelId, kinds: ["kind-of-an-older-version"] } });
    const [old] = (await listAlertRules(ctx(), {})).items.filter(({ name }) => name === "old");
    expect(old).toMatchObject({ enabled: false });
  });
});
