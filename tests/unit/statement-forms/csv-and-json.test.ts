import { parse } from "csv-parse/sync";
import { Decimal } from "decimal.js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checked, renderStatement } from "@/lib/engine/statement-forms";
import type { PrintedAgent, PrintedDay, StatementSource } from "@/lib/engine/statements/printed";
import { bytesOf, day, line, printed, sourceOf } from "../../support/printed-statement";

type Rows = Record<string, string>[];

const textOf = async (source: StatementSource, form: "summary" | "days" | "usage", format: "csv" | "json") =>
  (await bytesOf(renderStatement(source, { form, format }).body)).toString("utf8");
// The type of csv-parse does not know that columns: true gives records of text.
const rowsOf = (text: string) => parse(text, { columns: true }) as Rows;
const sum = (values: readonly string[]) => values.reduce((total, value) => total.plus(value), new Decimal(0)).toFixed();
const column = (rows: Rows, name: string) => rows.map((row) => row[name] ?? "");

describe("a statement as CSV and JSON", () => {
  it("is one header and one complete row for each line, with CRLF, a dot in decimals and no byte-order mark", async () => {
    const text = await textOf(sourceOf(printed()), "summary", "csv");
    expect(text).toBe(
      "statement,state,tenant,customer_id,month,time_zone,line,kind,meter,description,quantity,unit,unit_price,amount," +
        "currency,statement_total,how_measured\r\n" +
        "17,final,Acme GmbH,AC-100,2026-10,Europe/Berlin,1,usage,stored,Stored,100,GB-month,0.05,5.00,EUR,5.00," +
        '"267,840,000 GB-seconds ÷ 2,678,400 s = 100 GB-months × 0.05 EUR"\r\n',
    );
  });

  it("has decimals as strings in JSON, and says the same as the statement", async () => {
    const document = JSON.parse(await textOf(sourceOf(printed()), "summary", "json"));
    expect(document).toEqual({
      form: "summary",
      statement: {
        id: printed().id,
        number: 17,
        state: "final",
        tenant: { id: printed().tenantId, name: "Acme GmbH", customerId: "AC-100" },
        month: "2026-10",
        timeZone: "Europe/Berlin",
        beginsAt: "2026-09-30T22:00:00.000Z",
        endsAt: "2026-10-31T23:00:00.000Z",
        monthSeconds: 2_682_000,
        plan: "Standard",
        currency: "EUR",
        total: "5.00",
        missingHours: "0",
        computedAt: "2026-11-01T06:00:00.000Z",
        finalisedAt: "2026-11-02T09:30:00.000Z",
      },
      lines: [
        {
          line: 1,
          kind: "usage",
          meter: "stored",
          description: "Stored",
          quantity: "100",
          unit: "GB-month",
          unitPrice: "0.05",
          amount: "5.00",
          howMeasured: "267,840,000 GB-seconds ÷ 2,678,400 s = 100 GB-months × 0.05 EUR",
        },
      ],
    });
  });

  it("adds up to its total, whatever the lines are and however hostile the names", async () => {
    const amount = fc
      .integer({ min: -(10 ** 9), max: 10 ** 12 })
      .map((cents) => new Decimal(cents).div(100).toFixed(6));
    const lines = fc.array(fc.record({ amount, description: fc.string({ unit: "binary" }), formula: fc.string() }), {
      maxLength: 20,
    });
    await fc.assert(
      fc.asyncProperty(lines, fc.string({ unit: "binary" }), async (parts, tenantName) => {
        const made = parts.map((part, at) => line({ ...part, position: at + 1 }));
        const total = sum(made.map((one) => one.amount));
        const source = sourceOf(printed({ lines: made, total, tenantName }));
        const rows = rowsOf(await textOf(source, "summary", "csv"));
        expect(rows).toHaveLength(made.length);
        expect(sum(column(rows, "amount"))).toBe(total);
        for (const row of rows) expect(new Decimal(row.statement_total ?? "").toFixed()).toBe(total);
        const document = JSON.parse(await textOf(source, "summary", "json"));
        expect(sum(document.lines.map((one: { amount: string }) => one.amount))).toBe(total);
        expect(document.statement.tenant.name).toBe(tenantName);
      }),
      { numRuns: 60 },
    );
  });

  it.each(["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1", '=HYPERLINK("http://x","y")'])(
    "does not let a spreadsheet run the name %j",
    async (name) => {
      const statement = printed({ tenantName: name, lines: [line({ description: name, formula: name })] });
      const source = sourceOf(statement, [day(1, { agentName: name, repositoryName: name, sourceName: name })]);
      for (const form of ["summary", "days"] as const)
        for (const row of rowsOf(await textOf(source, form, "csv")))
          for (const value of Object.values(row)) expect(value).not.toBe(name);
    },
  );

  it("leaves negative figures as figures", async () => {
    const statement = printed({ lines: [line({ quantity: "-2.5", amount: "-0.125", unitPrice: "0.05" })] });
    const [row] = rowsOf(await textOf(sourceOf(statement), "summary", "csv"));
    expect([row?.quantity, row?.amount]).toEqual(["-2.5", "-0.125"]);
  });

  it("writes amounts of a currency without cents as whole numbers", async () => {
    const yen = { currency: "JPY", currencyDigits: 0, total: "1200.000000", lines: [line({ amount: "1200.000000" })] };
    const [row] = rowsOf(await textOf(sourceOf(printed(yen)), "summary", "csv"));
    expect([row?.amount, row?.statement_total]).toEqual(["1200", "1200"]);
  });

  it("names every agent on every day with exact byte-seconds that add up to the quantity", async () => {
    const rows = [1, 2, 3, 4, 5].map((at) => day(at, { reportedBytes: at === 3 ? null : 7n }));
    const source = sourceOf(printed(), rows);
    const csv = rowsOf(await textOf(source, "days", "csv"));
    const seconds = 2_682_000;
    expect(column(csv, "month_seconds")).toEqual(rows.map(() => String(seconds)));
    const exact = sum(column(csv, "stored_byte_seconds"));
    expect(exact).toBe(String(100n * 10n ** 9n * 86_400n * 5n));
    expect(sum(column(csv, "stored_gb_months"))).toBe(
      new Decimal(exact).div(1e9).div(seconds).toDecimalPlaces(9).toFixed(),
    );
    expect(column(csv, "reported_bytes")).toEqual(["7", "7", "", "7", "7"]);
    const document = JSON.parse(await textOf(source, "days", "json"));
    expect(document.days.map((one: { day: string }) => one.day)).toEqual(rows.map((one) => one.day));
    expect(document.days[0].storedGbMonths).toBe("3.221476510");
  });

  it("names no price in usage without prices, and its columns add up with the corrections", async () => {
    const agents: PrintedAgent[] = [1, 2].map((at) => ({ ...day(at), agentName: `host ${at}`, days: 1 }));
    const correction = line({ position: 2, kind: "correction", quantity: "-3", amount: "-0.15", description: "Twice" });
    const source = sourceOf(printed({ lines: [line(), correction] }), [], agents);
    const csv = await textOf(source, "usage", "csv");
    const json = await textOf(source, "usage", "json");
    for (const text of [csv, json]) expect(text).not.toMatch(/price|amount|total|EUR|Standard/);
    expect(sum(column(rowsOf(csv), "stored_gb_months"))).toBe("3.44295302");
    expect(JSON.parse(json).usage).toMatchObject([
      { kind: "usage", meter: "stored", quantity: "100" },
      { kind: "correction", meter: "stored", quantity: "-3" },
    ]);
    expect(JSON.parse(json).agents).toHaveLength(2);
  });

  it.each(["csv", "json"] as const)("is complete as %s when nothing was used", async (format) => {
    for (const form of ["summary", "days", "usage"] as const) {
      const text = await textOf(sourceOf(printed({ lines: [], usage: [], total: "0" })), form, format);
      if (format === "json") expect(() => JSON.parse(text)).not.toThrow();
      else expect(rowsOf(text)).toEqual([]);
    }
  });

  it.each(["csv", "json"] as const)("reads a huge statement as it is taken, never ahead (%s)", async (format) => {
    const BATCH = 1000;
    let given = 0;
    async function* huge(): AsyncGenerator<PrintedDay[]> {
      for (; given < 40; given++) yield Array.from({ length: BATCH }, (_, at) => day((at % 31) + 1));
    }
    const source = { ...sourceOf(printed()), days: huge };
    let taken = 0;
    let largest = 0;
    for await (const piece of renderStatement(source, { form: "days", format }).body) {
      taken++;
      largest = Math.max(largest, piece.length);
      // The head is the first piece, a batch each of the others.
      expect(given).toBeLessThanOrEqual(taken);
    }
    expect(given).toBe(40);
    expect(largest).toBeLessThan(BATCH * 1000);
  });
});

describe("a statement whose rows do not come to its lines", () => {
  it("breaks off before its end", async () => {
    const used = (quantity: string) =>
      printed({ usage: [{ meter: "stored", quantity, unit: "GB-month", formula: "" }] });
    const rows = [day(1), day(2)];
    const right = renderStatement(checked(sourceOf(used("6.44295302"), rows)), { form: "days", format: "csv" });
    expect(rowsOf((await bytesOf(right.body)).toString("utf8"))).toHaveLength(2);
    const wrong = renderStatement(checked(sourceOf(used("6.44295303"), rows)), { form: "days", format: "csv" });
    await expect(bytesOf(wrong.body)).rejects.toMatchObject({ code: "conflict" });
  });
});
