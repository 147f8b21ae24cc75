import { Decimal } from "decimal.js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type CountedUsage, computeStatement, type Prices } from "@/lib/engine/statements/compute";
import { currencyDigits } from "@/lib/engine/statements/currency";
import { daysOf, monthSpan, secondsOf } from "@/lib/engine/usage/calendar";
import { METERS, type MeterName } from "@/lib/engine/usage/meters";
import { type LedgerDay, type RolledDay, rollDays } from "@/lib/engine/usage/roll-days";
import { type History, historyOf } from "../../support/usage-history";
import { billPlainly, countCells, type PlainStep, roundHalfAway } from "./recompute";

const ids = (letter: string, count: number) => Array.from({ length: count }, (_, place) => `${letter}${place}`);
const tenantIds = ids("t", 3);
const repositoryIds = ids("r", 3);
const ZONES = ["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "Pacific/Apia"];
/** 28, 29, 30 and 31 days, both changes of the clock on both sides of the equator, and the month without its 30th in Apia. */
const MONTHS = ["2026-02", "2028-02", "2026-03", "2026-04", "2026-10", "2026-11", "2011-12"];

const digits6 = fc.bigInt({ min: 0n, max: 3_000_000n });
const steps = fc
  .array(fc.record({ from: fc.bigInt({ min: 1n, max: 4_000_000_000n }), price: digits6 }), { maxLength: 3 })
  .chain((rest) => digits6.map((price): PlainStep[] => toSteps([{ from: 0n, price }, ...rest])));

/** Quantities in billionths; steps of a plan have six places. */
function toSteps(list: readonly PlainStep[]): PlainStep[] {
  const whole = list.map(({ from, price }) => ({ from: from * 1_000n, price }));
  return [...new Map(whole.map((step) => [step.from, step])).values()].sort((a, b) => Number(a.from - b.from));
}

const given = fc.record({
  seed: fc.integer({ min: 0, max: 2 ** 31 }),
  zone: fc.constantFrom(...ZONES),
  month: fc.constantFrom(...MONTHS),
  currency: fc.constantFrom("EUR", "JPY", "KWD"),
  minimum: fc.bigInt({ min: 0n, max: 60_000_000n }),
  steps: fc.record({ stored: steps, protected: steps, transferred: steps, agents: steps }),
  priced: fc.subarray([...METERS]),
  corrections: fc.array(
    fc.record({ meter: fc.constantFrom(...METERS), quantity: fc.bigInt({ min: -(10n ** 13n), max: 10n ** 13n }) }),
    { maxLength: 4 },
  ),
});

describe("a statement", () => {
  it("is the sum of its lines, and what the ledger comes to when it is walked cell by cell", () => {
    fc.assert(
      fc.property(given, ({ seed, zone, month, currency, minimum, steps, priced, corrections }) => {
        const span = monthSpan(zone, month);
        const history = historyAround(seed, span);
        const plainSteps = Object.fromEntries(priced.map((meter) => [meter, steps[meter]]));
        const digits = currencyDigits(currency);
        for (const tenantId of tenantIds) {
          const usage = usageOf(history, tenantId, zone, month);
          const statement = computeStatement({
            month,
            monthSeconds: secondsOf(span),
            usage,
            prices: toPrices(currency, minimum, plainSteps),
            corrections: corrections.map(({ meter, quantity }, place) => ({
              id: String(place),
              meter,
              month,
              quantity: fromBillionths(quantity),
              reason: "counted twice",
              late: null,
            })),
          });
          const sum = statement.lines.reduce((total, { amount }) => total.plus(amount), new Decimal(0));
          expect(statement.total).toBe(sum.toFixed(digits));
          for (const line of statement.lines) {
            const product = new Decimal(line.quantity).times(line.unitPrice);
            expect(line.amount).toBe(product.toFixed(digits, Decimal.ROUND_HALF_UP).replace(/^-(0(\.0+)?)$/, "$1"));
          }
          const counted = countCells(history, tenantId, seconds(span.beginsAt), seconds(span.endsAt));
          const monthSeconds = BigInt(secondsOf(span));
          const quantities: Record<MeterName, bigint> = {
            stored: roundHalfAway(counted.stored, monthSeconds),
            protected: roundHalfAway(counted.protected, monthSeconds),
            transferred: counted.transferred,
            agents: roundHalfAway(counted.agents * 10n ** 9n, monthSeconds),
          };
          expect(statement.usage.map(({ quantity }) => quantity)).toEqual(
            METERS.map((meter) => fromBillionths(quantities[meter])),
          );
          const total = billPlainly({ digits, minimum, steps: plainSteps, quantities, corrections });
          expect(new Decimal(statement.total).times(10 ** digits).toFixed()).toBe(String(total));
          const missing = roundHalfAway(counted.missing * 1_000n, 3_600n);
          expect(new Decimal(statement.missingHours).times(1_000).toFixed()).toBe(String(missing));
        }
      }),
      { seed: 20_261_121, numRuns: 30 },
    );
  });

  it("of all tenants together is the usage of the core", () => {
    fc.assert(
      fc.property(given, ({ seed, zone, month }) => {
        const span = monthSpan(zone, month);
        const history = historyAround(seed, span);
        const usages = tenantIds.map((tenantId) => usageOf(history, tenantId, zone, month));
        const all = countCells(history, null, seconds(span.beginsAt), seconds(span.endsAt));
        const sumOf = (name: keyof CountedUsage) => usages.reduce((sum, usage) => sum + usage[name], 0n);
        expect(sumOf("storedByteSeconds")).toBe(all.stored);
        expect(sumOf("protectedByteSeconds")).toBe(all.protected);
        expect(sumOf("transferredBytes")).toBe(all.transferred);
        expect(sumOf("agentSeconds")).toBe(all.agents);
        expect(sumOf("missingSeconds")).toBe(all.missing);
      }),
      { seed: 7, numRuns: 30 },
    );
  });

  it("charges a correction of a month that is final at that month's prices, from where that month had come to", () => {
    const prices: Prices = {
      currency: "EUR",
      minimum: "0",
      rates: [
        { meter: "stored", fromQuantity: "0", unitPrice: "0.10" },
        { meter: "stored", fromQuantity: "100", unitPrice: "0.05" },
      ],
    };
    const now: Prices = { ...prices, rates: [{ meter: "stored", fromQuantity: "0", unitPrice: "9" }] };
    const late = { month: "2026-10", meter: "stored" as const, reason: "counted twice" };
    const { lines, total } = computeStatement({
      month: "2026-11",
      monthSeconds: 2_592_000,
      usage: { ...nothing, storedByteSeconds: 2_592_000n * 10n ** 9n },
      prices: now,
      corrections: [
        { ...late, id: "a", quantity: "-30", late: { prices, charged: "120" } },
        { ...late, id: "b", quantity: "20", late: { prices, charged: "120" } },
      ],
    });
    expect(
      lines.map(({ kind, quantity, unitPrice, amount, correctionId }) => [
        kind,
        quantity,
        unitPrice,
        amount,
        correctionId,
      ]),
    ).toEqual([
      ["usage", "1", "9", "9.00", null],
      ["correction", "-10", "0.1", "-1.00", "a"],
      ["correction", "-20", "0.05", "-1.00", "a"],
      ["correction", "10", "0.1", "1.00", "b"],
      ["correction", "10", "0.05", "0.50", "b"],
    ]);
    expect(total).toBe("8.50");
  });

  it.each([
    ["EUR", "0.005", "1", "0.01"],
    ["EUR", "0.005", "-1", "-0.01"],
    ["EUR", "0.0049", "1", "0.00"],
    ["JPY", "0.5", "1", "1"],
    ["JPY", "0.499999", "1", "0"],
    ["KWD", "0.0005", "3", "0.002"],
  ])(
    "in %s at %s for each of %s is %s: what is just between two amounts goes away from nothing",
    (currency, unitPrice, quantity, amount) => {
      const correction = {
        id: "a",
        meter: "agents" as const,
        month: "2026-11",
        quantity,
        reason: "asked for",
        late: null,
      };
      const { lines, total } = computeStatement({
        month: "2026-11",
        monthSeconds: 2_592_000,
        usage: nothing,
        corrections: [correction],
        prices: { currency, minimum: "0", rates: [{ meter: "agents", fromQuantity: "0", unitPrice }] },
      });
      expect(lines[1]).toMatchObject({ kind: "correction", quantity, amount });
      expect(total).toBe(amount);
    },
  );

  it("without a plan shows what was used and charges nothing; a minimum is charged also when nothing was used", () => {
    const input = { month: "2026-11", monthSeconds: 2_592_000, usage: nothing, corrections: [] };
    expect(computeStatement({ ...input, prices: null })).toMatchObject({
      total: "0.00",
      lines: Array(4).fill({ amount: "0.00" }),
    });
    const { lines, total } = computeStatement({ ...input, prices: { currency: "JPY", minimum: "500", rates: [] } });
    expect(lines).toMatchObject([{ kind: "minimum", amount: "500" }]);
    expect(total).toBe("500");
  });
});

const nothing: CountedUsage = {
  storedByteSeconds: 0n,
  protectedByteSeconds: 0n,
  transferredBytes: 0n,
  agentSeconds: 0n,
  missingSeconds: 0n,
};

const seconds = (date: Date) => date.getTime() / 1000;
const fromBillionths = (value: bigint) => new Decimal(value.toString()).div(10 ** 9).toFixed();

function historyAround(seed: number, { beginsAt, endsAt }: { beginsAt: Date; endsAt: Date }): History {
  const from = seconds(beginsAt) - 3 * 86_400;
  return historyOf({ seed, from, to: seconds(endsAt) + 2 * 86_400, tenantIds, repositoryIds, agentIds: ids("a", 4) });
}

function toPrices(currency: string, minimum: bigint, list: Record<string, PlainStep[]>): Prices {
  const rates = Object.entries(list).flatMap(([meter, own]) =>
    own.map(({ from, price }) => ({
      meter: meter as MeterName,
      fromQuantity: fromBillionths(from),
      unitPrice: fromBillionths(price * 1_000n),
    })),
  );
  return { currency, minimum: fromBillionths(minimum * 1_000n), rates };
}

/** As the engine has it: the ledger rolled up by the day, the days added up. */
function usageOf(history: History, tenantId: string, zone: string, month: string): CountedUsage {
  const days = daysOf(monthSpan(zone, month)).map(
    (day): LedgerDay => ({ tenantId, day: day.day, from: seconds(day.beginsAt), to: seconds(day.endsAt) }),
  );
  const rolled = [...history.entries.values()].flatMap((entries) => rollDays(entries, history.measurements, days));
  const sum = (of: (day: RolledDay) => bigint | number) => rolled.reduce((total, day) => total + BigInt(of(day)), 0n);
  return {
    storedByteSeconds: sum((day) => day.storedByteSeconds),
    protectedByteSeconds: sum((day) => day.protectedByteSeconds),
    transferredBytes: sum((day) => day.transferredBytes),
    agentSeconds: sum((day) => day.agentSeconds),
    missingSeconds: sum((day) => day.missingSeconds),
  };
}
