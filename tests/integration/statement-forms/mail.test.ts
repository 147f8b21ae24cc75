import { parse } from "csv-parse/sync";
import { extractText, getDocumentProxy } from "unpdf";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { deliver } from "@/lib/engine/deliveries";
import { setMailSettings } from "@/lib/engine/mail";
import { listStatementDeliveries, queueStatement, sendStatement } from "@/lib/engine/statement-mail";
import { type FinalStatement, withFinalStatement } from "@/tests/support/final-statement";
import { type MailServer, startMailServer } from "@/tests/support/mail-server";
import { PeerCore } from "@/tests/support/peer-core";
import { makePki } from "@/tests/support/tls-server";

let core: PeerCore;
let server: MailServer;
let statement: FinalStatement;
let silent: FinalStatement;

beforeAll(async () => {
  const pki = await makePki(new Date(), ["127.0.0.1"]);
  server = await startMailServer(pki);
  core = await PeerCore.start("msp");
  await setMailSettings(core.ctx(), {
    host: "127.0.0.1",
    port: server.port,
    security: "starttls",
    user: "core",
    password: "correct horse",
    from: "billing@msp.example",
    fromName: "MSP",
    authorityPem: pki.ca,
  });
  const emails = ["anna@acme.example", "books@acme.example"];
  statement = await withFinalStatement(core, { name: "Acme Łódź", agents: 2, emails, number: 1 });
  silent = await withFinalStatement(core, { name: "Silent", agents: 1, number: 2 });
});
beforeEach(() => {
  server.mails.length = 0;
});

const queue = async ({ id }: FinalStatement) =>
  core.db.prisma.$transaction(async (tx) =>
    queueStatement(tx, core.ctx(), await tx.statement.findUniqueOrThrow({ where: { id } })),
  );

describe("a final statement by mail", () => {
  it("reaches every address of its tenant once, with a PDF and a CSV that say the same", async () => {
    await queue(statement);
    await queue(statement);
    await deliver(core.ctx());
    await deliver(core.ctx());
    expect(server.mails).toHaveLength(1);
    const [mail] = server.mails;
    expect(mail?.recipients).toEqual(["anna@acme.example", "books@acme.example"]);
    expect(mail?.subject).toBe("Statement 1 for October 2026: Acme Łódź");
    expect(mail?.text).toContain("Total: 12.40 EUR");
    const [pdf, csv] = mail?.attachments ?? [];
    expect([pdf?.mimeType, pdf?.filename]).toEqual(["application/pdf", "2026-10-acme-łódź-statement-1.pdf"]);
    const bytes = new Uint8Array(pdf?.content as ArrayBuffer);
    const { text } = await extractText(await getDocumentProxy(bytes), { mergePages: true });
    expect(text).toMatch(/Total EUR\s+12\.40/);
    const [row] = parse(Buffer.from(csv?.content as ArrayBuffer), { columns: true }) as Record<string, string>[];
    expect([row?.tenant, row?.amount, row?.statement_total]).toEqual(["Acme Łódź", "12.40", "12.40"]);
  });

  it("is sent again when a person asks, and its log says so", async () => {
    const { targets } = await sendStatement(core.ctx(), { id: statement.id });
    expect(targets).toEqual(["anna@acme.example", "books@acme.example"]);
    expect(core.jobs.some(({ name }) => name === "deliver")).toBe(true);
    await deliver(core.ctx());
    expect(server.mails).toHaveLength(1);
    const log = await listStatementDeliveries(core.ctx(), { id: statement.id });
    expect(log.items.map(({ event, state }) => [event, state])).toEqual([
      ["again", "delivered"],
      ["final", "delivered"],
    ]);
    const entry = await core.db.prisma.auditEntry.findFirst({ where: { action: "statement.send" } });
    expect(entry?.subject).toBe(statement.id);
  });

  it("is not sent to nobody, not as a draft, and not when there is none", async () => {
    expect(await queue(silent)).toEqual([]);
    await expect(sendStatement(core.ctx(), { id: silent.id })).rejects.toMatchObject({
      code: "conflict",
      options: { detail: "no-address" },
    });
    const draft = await core.db.prisma.statement.create({
      data: {
        tenantId: statement.tenantId,
        tenantName: "Acme Łódź",
        month: "2026-11",
        timeZone: "UTC",
        beginsAt: new Date("2026-11-01T00:00:00Z"),
        endsAt: new Date("2026-12-01T00:00:00Z"),
        computedAt: new Date(),
      },
    });
    await expect(sendStatement(core.ctx(), { id: draft.id })).rejects.toMatchObject({
      code: "conflict",
      options: { detail: "wrong-state" },
    });
    const id = "0199aaaa-0000-7000-8000-000000000000";
    await expect(sendStatement(core.ctx(), { id })).rejects.toMatchObject({ code: "not_found" });
    await expect(listStatementDeliveries(core.ctx(), { id })).rejects.toMatchObject({ code: "not_found" });
    await deliver(core.ctx());
    expect(server.mails).toHaveLength(0);
  });

  it("waits while the mail server refuses, and arrives when it does not", async () => {
    server.beforeMail = () => {
      throw Object.assign(new Error("try later"), { responseCode: 451 });
    };
    await sendStatement(core.ctx(), { id: statement.id });
    await deliver(core.ctx());
    const [waiting] = (await listStatementDeliveries(core.ctx(), { id: statement.id })).items;
    expect(waiting).toMatchObject({ state: "waiting", attempts: 1 });
    expect(waiting?.words).toContain("try later");
    server.beforeMail = () => undefined;
    core.aheadMs += 3_600_000;
    await deliver(core.ctx());
    expect((await listStatementDeliveries(core.ctx(), { id: statement.id })).items[0]?.state).toBe("delivered");
    expect(server.mails).toHaveLength(1);
  });
});
