import { randomUUID } from "node:crypto";
import { createServer } from "node:net";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { databaseOf } from "@/lib/context";
import { getMailSettings, type SetMailSettingsInput, sendMail, sendTestMail, setMailSettings } from "@/lib/engine/mail";
import { startMailServer } from "../../support/mail-server";
import { PeerCore } from "../../support/peer-core";
import { makePki } from "../../support/tls-server";

const core = await PeerCore.start("mailing");
const pki = await makePki(new Date(), ["127.0.0.1"]);
const server = await startMailServer(pki);
const ctx = () => core.ctx();
const PASSWORD = "correct horse";
const settings = (more: Partial<SetMailSettingsInput> = {}): SetMailSettingsInput => ({
  host: "127.0.0.1",
  port: server.port,
  security: "starttls",
  user: "core",
  password: PASSWORD,
  from: "core@example.com",
  fromName: "Twincore",
  authorityPem: pki.ca,
  ...more,
});
const mail = { to: ["ada@example.com"], subject: "Three agents are late", text: "Look at them." };
const whole = async () => {
  const { prisma } = core.db;
  const [setting, audit, events] = await Promise.all([
    prisma.setting.findMany(),
    prisma.auditEntry.findMany(),
    prisma.event.findMany(),
  ]);
  return JSON.stringify({ setting, audit, events }, (_key, value) => (typeof value === "bigint" ? `${value}` : value));
};

beforeEach(async () => {
  server.mails.length = 0;
  server.signIns.length = 0;
  server.beforeMail = () => undefined;
  server.beforeRecipient = () => undefined;
  await core.db.prisma.setting.deleteMany();
});

describe("a mail", () => {
  it("arrives signed in, encrypted, whole, with its attachment and both of its forms", async () => {
    await setMailSettings(ctx(), settings());
    const attachments = [{ filename: "märz.csv", contentType: "text/csv", content: Buffer.from("a,b\n1,2\n") }];
    const sent = await sendMail(ctx(), { ...mail, html: "<p>Look at <b>them</b>.</p>", attachments });
    expect(sent).toMatchObject({ refused: [] });
    const [got] = server.mails;
    expect(got).toMatchObject({
      subject: mail.subject,
      user: "core",
      secure: true,
      recipients: ["ada@example.com"],
      from: { name: "Twincore", address: "core@example.com" },
    });
    expect(got?.text?.trim()).toBe(mail.text);
    expect(got?.html).toContain("<b>them</b>");
    expect(got?.attachments[0]).toMatchObject({ filename: "märz.csv", mimeType: "text/csv" });
    expect(Buffer.from(got?.attachments[0]?.content as ArrayBuffer).toString()).toBe("a,b\n1,2\n");
  });

  it("is not sent, nor is the password, to a server whose certificate nobody vouches for", async () => {
    await setMailSettings(ctx(), settings({ authorityPem: "" }));
    await expect(sendMail(ctx(), mail)).rejects.toMatchObject({ code: "unavailable" });
    expect(server.signIns).toEqual([]);
  });

  it("is not sent in clear by a server that offers no encryption", async () => {
    const plain = await startMailServer(pki, { disabledCommands: ["STARTTLS"] });
    await setMailSettings(ctx(), settings({ port: plain.port }));
    await expect(sendMail(ctx(), mail)).rejects.toMatchObject({ code: "unavailable" });
    expect(plain.signIns).toEqual([]);
  });

  it("goes over TLS from the first byte where that is set, and in clear only where that is", async () => {
    const secure = await startMailServer(pki, { secure: true });
    await setMailSettings(ctx(), settings({ port: secure.port, security: "tls" }));
    await sendMail(ctx(), mail);
    expect(secure.mails[0]).toMatchObject({ secure: true });
    await setMailSettings(ctx(), settings({ security: "none" }));
    await sendMail(ctx(), mail);
    expect(server.mails[0]).toMatchObject({ secure: false });
  });

  it("names whom the server would not take while it took others", async () => {
    await setMailSettings(ctx(), settings());
    server.beforeRecipient = (address) => {
      if (address.startsWith("nobody"))
        throw Object.assign(new Error("there is no such mailbox"), { responseCode: 550 });
    };
    const sent = await sendMail(ctx(), { ...mail, to: ["nobody@example.com", "ada@example.com"] });
    expect(sent.refused).toEqual(["nobody@example.com"]);
    expect(server.mails[0]?.recipients).toEqual(["ada@example.com"]);
    // All of them: the same mail would be refused every time.
    await expect(sendMail(ctx(), { ...mail, to: ["nobody@example.com"] })).rejects.toMatchObject({
      code: "invalid_input",
      message: expect.stringContaining("there is no such mailbox"),
    });
  });

  it("of a subject with line breaks makes no header of its own", async () => {
    await setMailSettings(ctx(), settings());
    await sendMail(ctx(), { ...mail, subject: "late\r\nBcc: eve@example.com" });
    expect(server.mails[0]).toMatchObject({ subject: "late Bcc: eve@example.com", recipients: ["ada@example.com"] });
  });

  it.each([
    ["nobody to go to", { ...mail, to: [] }],
    ["too many to go to", { ...mail, to: Array.from({ length: 51 }, (_, at) => `a${at}@example.com`) }],
    ["too much text", { ...mail, text: "x".repeat(1_000_001) }],
    [
      "too large an attachment",
      { ...mail, attachments: [{ filename: "a", contentType: "a/b", content: Buffer.alloc(15 * 1024 * 1024 + 1) }] },
    ],
  ])("with %s is refused before anybody is called", async (_what, hostile) => {
    await setMailSettings(ctx(), settings());
    await expect(sendMail(ctx(), hostile)).rejects.toMatchObject({ code: "invalid_input" });
    expect(server.signIns).toEqual([]);
  });

  it("without a server that is set up says so", async () => {
    await expect(sendMail(ctx(), mail)).rejects.toMatchObject({
      code: "conflict",
      options: { detail: "no-mail-server" },
    });
  });

  it("to a server that hangs up or is not there fails in words, within its bound", async () => {
    const rude = createServer((socket) => socket.destroy());
    await new Promise<void>((resolve) => rude.listen(0, "127.0.0.1", resolve));
    afterAll(() => void rude.close());
    const address = rude.address();
    const port = typeof address === "object" && address ? address.port : 0;
    await setMailSettings(ctx(), settings({ port }));
    await expect(sendMail(ctx(), mail)).rejects.toMatchObject({ code: "unavailable" });
    await new Promise((resolve) => rude.close(resolve));
    await expect(sendMail(ctx(), mail)).rejects.toMatchObject({ code: "unavailable" });
  });
});

describe("the password", () => {
  it("is in no answer, no audit entry, no event, and not readable in the database", async () => {
    await setMailSettings(ctx(), settings());
    await sendTestMail(ctx(), { to: "ada@example.com" });
    expect(JSON.stringify(await getMailSettings(ctx(), {}))).not.toMatch(/correct horse|sealed/);
    const everything = await whole();
    expect(everything).not.toContain(PASSWORD);
    expect(everything).not.toContain(Buffer.from(PASSWORD).toString("base64"));
    const audit = JSON.stringify((await core.db.prisma.auditEntry.findMany()).map(({ detail }) => detail));
    expect(audit).not.toContain("sealedPassword");
  });

  it("stays when it is not given, and never goes along to another server, port, user or weaker encryption", async () => {
    await setMailSettings(ctx(), settings());
    const { password: _unsaid, ...same } = settings();
    expect(await setMailSettings(ctx(), { ...same, fromName: "Backup" })).toMatchObject({ hasPassword: true });
    await sendMail(ctx(), mail);
    expect(server.mails).toHaveLength(1);
    for (const change of [
      { host: "mail.evil.example" },
      { port: 2525 },
      { user: "other" },
      { security: "none" },
      { authorityPem: "" },
    ] as const) {
      await setMailSettings(ctx(), settings());
      expect(await setMailSettings(ctx(), { ...same, ...change })).toMatchObject({ hasPassword: false });
    }
  });

  it("goes when it is taken away", async () => {
    await setMailSettings(ctx(), settings());
    expect(await setMailSettings(ctx(), settings({ password: "" }))).toMatchObject({ hasPassword: false });
  });
});

describe("an account that is bound to tenants", () => {
  it("sees nothing of the mail settings, whatever it asks", async () => {
    await setMailSettings(ctx(), settings());
    const actor = {
      kind: "account",
      accountId: randomUUID(),
      name: "eve",
      role: "administrator",
      tenantIds: [],
    } as const;
    const bound = { ...core.ctx(actor), db: databaseOf(core.db, actor) };
    expect(await getMailSettings(bound, {})).toMatchObject({ isSetUp: false, host: "" });
    await expect(sendMail(bound, mail)).rejects.toMatchObject({ code: "conflict" });
    await expect(setMailSettings(bound, settings({ host: "evil.example" }))).rejects.toThrow();
    expect(await getMailSettings(ctx(), {})).toMatchObject({ host: "127.0.0.1" });
  });
});

describe("a test mail", () => {
  it("says what the server said, and that these settings were tried; other settings were not", async () => {
    await setMailSettings(ctx(), settings());
    expect(await sendTestMail(ctx(), { to: "ada@example.com" })).toMatchObject({ ok: true });
    expect(server.mails).toHaveLength(1);
    expect((await getMailSettings(ctx(), {})).verifiedAt).not.toBeNull();
    expect((await setMailSettings(ctx(), settings({ password: "wrong" }))).verifiedAt).toBeNull();
    const refused = await sendTestMail(ctx(), { to: "ada@example.com" });
    expect(refused).toMatchObject({ ok: false, words: expect.stringContaining("535") });
    expect(refused.words).not.toContain("wrong");
    expect((await getMailSettings(ctx(), {})).verifiedAt).toBeNull();
  });
});
