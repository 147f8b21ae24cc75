import { readFileSync } from "node:fs";
import type { Page } from "@playwright/test";
import { parse } from "csv-parse/sync";
import { Decimal } from "decimal.js";
import { DateTime } from "luxon";
import { extractText, getDocumentProxy } from "unpdf";
import { type BilledCore, billedCore, CLERK, MONTH } from "../support/billed-core";
import { faultsOf } from "./accessibility";
import { test as base, expect, signIn } from "./fixtures";

// One story: a billing clerk's month end, until the papers in her hand add up.
const test = base.extend<object, { billed: BilledCore }>({
  billed: [
    // Playwright reads the fixture's dependencies from this pattern; there are none.
    // biome-ignore lint/correctness/noEmptyPattern: see above.
    async ({}, use) => {
      const billed = await billedCore();
      await use(billed);
      await billed.stop();
    },
    { scope: "worker", timeout: 240_000 },
  ],
});
test.describe.configure({ mode: "serial", timeout: 180_000 });

const TENANT = "Żółw Logistyka";
/** The month as the tenant has it: with the hour that summer time gives or takes. */
const month = DateTime.fromISO(MONTH, { zone: "Europe/Warsaw" });
const MONTH_SECONDS = month.plus({ months: 1 }).diff(month, "seconds").seconds;
/** On this day nobody measured for six hours. */
const GAP = month.set({ day: 14 }).setLocale("en-GB").toFormat("d LLL");
type Rows = Record<string, string>[];

const exact = (text: string) => new Decimal(text.replaceAll(",", "").replace("−", "-"));
const sum = (values: readonly string[]) => values.reduce((total, value) => total.plus(exact(value)), new Decimal(0));

/** Everything about one statement that could be taken out of the core. */
interface Taken {
  csv: Record<string, Rows>;
  // What is inside is looked at below, field by field.
  json: Record<string, { lines?: JsonLine[]; days?: JsonRow[]; agents?: JsonRow[]; statement: { total?: string } }>;
  pdf: Record<string, string>;
}
type JsonLine = { amount: string; quantity: string; meter: string; kind: string };
type JsonRow = { storedByteSeconds: string };

let page: Page;
let taken: Taken;
let total: string;

test.beforeAll(async ({ browser, billed }) => {
  // axe opens a page of its own beside ours: that takes a context that allows more than one.
  const context = await browser.newContext({ ignoreHTTPSErrors: true, viewport: { width: 1280, height: 900 } });
  page = await context.newPage();
  await signIn(page, billed.core, "/usage", CLERK);
});
test.afterAll(() => page.context().close());

test("she sees who uses how much, and what every figure was made of", async () => {
  const table = page.getByRole("table", { name: "Usage by tenant" });
  await expect(table.getByRole("row")).toHaveCount(4);
  await page.getByRole("button", { name: "90 days" }).click();
  await expect(page.getByText(new RegExp(`Shaded: on .*${GAP}`))).toBeVisible();
  expect(await faultsOf(page, "/usage")).toEqual([]);
  await page.getByRole("button", { name: "Protected", exact: true }).click();
  await expect(page).toHaveURL(/meter=protected/);
  await table.getByRole("button", { name: "Tenant" }).click();
  await expect(table.getByRole("columnheader", { name: "Tenant" })).toHaveAttribute("aria-sort", "ascending");

  await table.getByRole("link", { name: TENANT }).click();
  await expect(page.getByRole("heading", { level: 1, name: TENANT })).toBeVisible();
  await page.getByRole("table", { name: "Usage by agent" }).getByRole("link", { name: "erp-01" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "erp-01" })).toBeVisible();
  await page.getByRole("table", { name: "Days of the agent" }).getByRole("button").nth(1).click();
  const samples = page.getByRole("dialog");
  await expect(samples.getByRole("table", { name: "Samples" }).getByRole("row")).not.toHaveCount(0);
  await expect(samples.getByText(/byte-seconds/).first()).toBeVisible();
  await page.keyboard.press("Escape");
});

test("she opens last month's draft down to the samples of one agent's day", async () => {
  await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Statements" }).click();
  const table = page.getByRole("table", { name: /^Statements of/ });
  await expect(table.getByRole("row")).toHaveCount(4);
  expect(await faultsOf(page, "/statements")).toEqual([]);
  await table.getByRole("link", { name: TENANT }).click();
  await expect(page.getByText("A draft: nobody was billed yet")).toBeVisible();

  total = await figureOf(page.getByTestId("total").textContent());
  const amounts = await page.locator("li > details summary span[data-amount]").allTextContents();
  expect(amounts.length).toBeGreaterThan(2);
  expect(sum(amounts.map((text) => text.split(" ")[0] ?? "")).toFixed(2)).toBe(exact(total).toFixed(2));

  const [first] = await page.locator("li > details").all();
  await first?.locator("summary").click();
  await expect(first?.getByText(/How it was measured/) ?? page.getByText("none")).toBeVisible();
  const days = page.getByRole("table", { name: /^Days of/ });
  await expect(days.getByRole("row")).toHaveCount((month.daysInMonth ?? 0) + 1);
  expect(await faultsOf(page, "/statements/[id]")).toEqual([]);
  await days.getByRole("button", { name: new RegExp(GAP) }).click();
  await page
    .getByRole("table", { name: /^Agents on/ })
    .getByRole("button", { name: "mail-01" })
    .click();
  await expect(page.getByRole("table", { name: "Samples" })).toBeVisible();
  await expect(page.getByText(/missing and not charged/)).toBeVisible();
  await page.keyboard.press("Escape");
  await page.keyboard.press("Escape");
});

test("she finalises it, after being told what that means", async () => {
  await page.getByRole("button", { name: "Finalise", exact: true }).click();
  const dialog = page.getByRole("dialog");
  await expect(dialog).toContainText("That cannot be taken back");
  await expect(dialog).toContainText(total);
  await dialog.getByRole("button", { name: "Finalise it" }).click();
  await expect(page.getByText("Final, no. 1")).toBeVisible();
  expect(await figureOf(page.getByTestId("total").textContent())).toBe(total);
});

test("what she exports adds up: lines, days and total are the same in every form and format", async () => {
  taken = { csv: {}, json: {}, pdf: {} };
  for (const [form, label] of Object.entries(FORMS)) {
    // The type of csv-parse does not know that columns: true gives records of text.
    taken.csv[form] = parse(await download(`${label} as CSV`), { columns: true }) as Rows;
    taken.json[form] = JSON.parse((await download(`${label} as JSON`)).toString("utf8"));
    taken.pdf[form] = await textOf(await download(`${label} as PDF`));
  }
  const lines = taken.csv.summary ?? [];
  const column = (rows: Rows, name: string) => rows.map((row) => row[name] ?? "");
  expect(sum(column(lines, "amount")).toFixed(2)).toBe(exact(total).toFixed(2));
  expect(new Set(column(lines, "statement_total"))).toEqual(new Set([exact(total).toFixed(2)]));
  expect(sum((taken.json.summary?.lines ?? []).map((line) => line.amount)).toFixed(2)).toBe(exact(total).toFixed(2));
  expect(taken.json.summary?.statement.total).toBe(exact(total).toFixed(2));
  expect(taken.pdf.summary).toMatch(new RegExp(`Total EUR\\s+${total}`));
  for (const line of lines) expect(taken.pdf.summary).toContain(grouped(line.amount ?? ""));

  const days = taken.csv.days ?? [];
  const seconds = Number(days[0]?.month_seconds);
  expect(seconds).toBe(MONTH_SECONDS);
  const stored = sum(column(days, "stored_byte_seconds"));
  const quantity = stored.div(1e9).div(seconds);
  const charged = sum(lines.filter((line) => line.meter === "stored").map((line) => line.quantity ?? ""));
  expect(quantity.toDecimalPlaces(9).toFixed()).toBe(charged.toFixed());
  for (const rows of [taken.json.days?.days, taken.json.usage?.agents])
    expect(sum((rows ?? []).map((row) => row.storedByteSeconds)).toFixed()).toBe(stored.toFixed());
  expect(sum(column(taken.csv.usage ?? [], "stored_byte_seconds")).toFixed()).toBe(stored.toFixed());
  const agents = sum(column(days, "agent_seconds")).div(seconds).toDecimalPlaces(9).toFixed();
  expect(agents).toBe(lines.find((line) => line.meter === "agents")?.quantity);
});

test("usage without prices has none, and the papers name their gap", async () => {
  expect(JSON.stringify(taken.json.usage)).not.toMatch(/EUR|amount|unitPrice|"total"/);
  expect(taken.pdf.usage).not.toMatch(/EUR|Amount|Total/);
  expect(Object.keys(taken.csv.usage?.[0] ?? {})).not.toContain("amount");
  expect(taken.pdf.summary).toContain(`They are not charged: ${GAP}`);
  expect(taken.pdf.summary).toContain(TENANT);
});

test("she finalises the rest of the month at once, and its sum is that of its statements", async () => {
  await page.goto(new URL(`/statements?month=${MONTH}`, page.url()).href);
  await page.getByRole("button", { name: /^Finalise all drafts of/ }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Finalise them" }).click();
  const table = page.getByRole("table", { name: /^Statements of/ });
  await expect(page.getByRole("dialog")).toHaveCount(0);
  await expect(table.getByRole("row")).toHaveCount(4);
  await expect(table.getByText("Draft", { exact: true })).toHaveCount(0);
  const totals = await table.getByRole("cell").filter({ hasText: /EUR$/ }).allTextContents();
  const all = await figureOf(page.getByRole("listitem").filter({ hasText: "All in EUR" }).textContent());
  expect(sum(totals.map((text) => text.replace(" EUR", ""))).toFixed(2)).toBe(exact(all).toFixed(2));
});

test("she may not do what is not hers", async ({ billed }) => {
  const menu = page.getByRole("navigation", { name: "Main" });
  await expect(menu.getByRole("link", { name: "Statements" })).toBeVisible();
  await page.goto(new URL("/repositories", page.url()).href);
  await expect(page.getByRole("heading", { level: 1, name: "Repositories" })).toBeVisible();
  await expect(page.getByRole("button", { name: "New repository" })).toHaveCount(0);
  const { webUrl } = billed.core.runtime;
  const refused = await page.request.post(`${webUrl}/api/v1/repositories`, {
    headers: { origin: new URL(webUrl).origin },
    data: { name: "hers", path: "/tmp/hers" },
  });
  expect(refused.status()).toBe(403);
});

const FORMS = { summary: "Summary", days: "Per-day detail", usage: "Usage without prices" } as const;

async function download(name: string): Promise<Buffer> {
  const [file] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("link", { name, exact: true }).click(),
  ]);
  return readFileSync(await file.path());
}

async function textOf(pdf: Buffer): Promise<string> {
  const { text } = await extractText(await getDocumentProxy(new Uint8Array(pdf)), { mergePages: true });
  return text;
}

/** "Total 1,234.50 EUR" → "1,234.50" */
async function figureOf(text: Promise<string | null>): Promise<string> {
  return /[\d,]+\.\d+/.exec((await text) ?? "")?.[0] ?? "";
}

const grouped = (amount: string) => amount.replace(/\B(?=(\d{3})+\.)/g, ",");
