import { Decimal } from "decimal.js";
import { extractText, getDocumentProxy, getMeta } from "unpdf";
import { describe, expect, it } from "vitest";
import { renderStatement } from "@/lib/engine/statement-forms";
import type { StatementForm } from "@/lib/engine/statement-forms/schemas";
import type { PrintedStatement, StatementSource } from "@/lib/engine/statements/printed";
import { bytesOf, day, line, printed, sourceOf } from "../../support/printed-statement";

const pdf = (source: StatementSource, form: StatementForm = "summary") =>
  bytesOf(renderStatement(source, { form, format: "pdf" }).body);

async function read(bytes: Buffer) {
  const document = await getDocumentProxy(new Uint8Array(bytes));
  const { text, totalPages } = await extractText(document, { mergePages: true });
  const { info } = await getMeta(document);
  return { text, totalPages, info: info as Record<string, unknown> };
}

const many = (count: number) =>
  Array.from({ length: count }, (_, at) => line({ position: at + 1, description: `Step ${at + 1}`, amount: "10.01" }));

describe("a statement as PDF", () => {
  it("shows customer, period with its zone, every line, how it was measured, and the total that the lines add up to", async () => {
    const lines = many(3);
    const { text, info } = await read(await pdf(sourceOf(printed({ lines, total: "30.030000" }))));
    for (const words of [
      "Acme GmbH",
      "AC-100",
      "October 2026",
      "1 October 2026, 00:00 (Europe/Berlin)",
      "1 November 2026, 00:00 (Europe/Berlin)",
      "No. 17",
      "267,840,000 GB-seconds ÷ 2,678,400 s = 100 GB-months × 0.05 EUR",
      "100.00 GB-month",
      "There is no gap",
      "Page 1 of 1",
    ])
      expect(text).toContain(words);
    const amounts = [...text.matchAll(/100\.00 GB-month\s+0\.05\s+([\d.,]+)/g)].map((match) => match[1] ?? "");
    expect(amounts).toHaveLength(3);
    expect(amounts.reduce((sum, one) => sum.plus(one), new Decimal(0)).toFixed(2)).toBe("30.03");
    expect(text).toMatch(/Total EUR\s+30\.03/);
    expect(info).toMatchObject({ Title: "Statement 17 · Acme GmbH · October 2026", Author: "Twincore" });
    expect(text).not.toContain("DRAFT");
  });

  it("has the same bytes each time it is made of a final statement", async () => {
    const source = sourceOf(printed({ lines: many(5) }), [day(1), day(2)]);
    for (const form of ["summary", "days", "usage"] as const)
      expect((await pdf(source, form)).equals(await pdf(source, form))).toBe(true);
  });

  it("cannot be taken for a bill while it is a draft", async () => {
    const draft: Partial<PrintedStatement> = { state: "draft", number: null, finalisedAt: null };
    const { text, info } = await read(await pdf(sourceOf(printed(draft))));
    expect(text).toContain("DRAFT");
    expect(text).toContain("no number yet");
    expect(info.Title).toContain("(draft)");
  });

  it("numbers its pages and repeats the head of its table on each", async () => {
    const { text, totalPages } = await read(await pdf(sourceOf(printed({ lines: many(60) }))));
    expect(totalPages).toBeGreaterThan(2);
    expect(text.match(/Amount EUR/g)).toHaveLength(totalPages);
    for (let page = 1; page <= totalPages; page++) expect(text).toContain(`Page ${page} of ${totalPages}`);
  });

  it("writes the names of Europe as they are, and what it has no letters for visibly", async () => {
    const tenantName = "Żółć & Söhne — Фирма Εταιρεία Công ty 東京";
    const { text } = await read(await pdf(sourceOf(printed({ tenantName }))));
    const flat = text.replace(/\s+/g, "");
    expect(flat).toContain("Żółć&Söhne—ФирмаΕταιρείαCôngty??");
  });

  it("does not let a name turn the line around or break out of it", async () => {
    const tenantName = "evil\u202E 00.1 latoT\n\u0000Total EUR 0.01";
    const { text } = await read(await pdf(sourceOf(printed({ tenantName }))));
    expect(text).not.toMatch(/[\u202A-\u202E\u2066-\u2069\u0000]/);
    expect(text).toContain("evil 00.1 latoT Total EUR 0.01");
  });

  it("wraps a long name instead of cutting it", async () => {
    const name = `host-${"x".repeat(150)}-end`;
    const { text } = await read(await pdf(sourceOf(printed({ lines: [line({ description: name })] }))));
    expect(text.replace(/\s+/g, "")).toContain(name);
  });

  it("names the days for which nothing was measured", async () => {
    const source = sourceOf(printed({ missingHours: "3.500" }), [
      day(3, { missingSeconds: 7200n }),
      day(9, { missingSeconds: 5400n }),
      day(10),
    ]);
    const { text } = await read(await pdf(source));
    expect(text.replace(/\s+/g, " ")).toContain("They are not charged: 3 Oct (2 h), 9 Oct (1.5 h).");
  });

  it("lists every day, and every agent on it", async () => {
    const rows = [day(1), day(2), day(1, { agentName: "db-02", agentId: "0199aaaa-0000-7000-8000-0000000000b2" })];
    const { text } = await read(await pdf(sourceOf(printed(), rows), "days"));
    const flat = text.replace(/\s+/g, " ");
    expect(flat).toContain("1 Oct · 2 agents 6.442953");
    expect(flat).toContain("2 Oct · 1 agent 3.221477");
    expect(flat).toContain("db-02 · 1 Oct · vault 3.221477 9.664430 2.000000 0.032215 0.00");
  });

  it("names no price in usage without prices", async () => {
    const { text } = await read(await pdf(sourceOf(printed(), [day(1)], [{ ...day(1), days: 1 }]), "usage"));
    expect(text).toContain("100.00 GB-month");
    expect(text).toContain("web-01");
    expect(text).not.toMatch(/EUR|Price|Amount|Total|Standard/);
  });

  it("says where the rows are when there are more than paper is for, and still shows each day", async () => {
    const source = {
      ...sourceOf(printed(), [day(1), day(2)]),
      counts: async () => ({ days: 310_000, agents: 10_000 }),
    };
    const { text } = await read(await pdf(source, "days"));
    expect(text).toContain("310,000 rows are more than paper is for");
    expect(text).toContain("2 Oct");
    expect(text).not.toContain("web-01");
  });
});
