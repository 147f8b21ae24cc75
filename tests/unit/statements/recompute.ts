import { CELL_SECONDS, type History } from "../../support/usage-history";

// A statement once more, the plain way: the ledger is walked cell by cell of ten minutes, and money is counted in whole numbers of
// billionths. It shares no line with the engine.

export interface Counted {
  stored: bigint;
  protected: bigint;
  transferred: bigint;
  agents: bigint;
  missing: bigint;
}

/** What a tenant used from one moment to another, in byte-seconds, bytes and seconds; null: all tenants together. */
export function countCells(history: History, tenantId: string | null, from: number, to: number): Counted {
  const counted: Counted = { stored: 0n, protected: 0n, transferred: 0n, agents: 0n, missing: 0n };
  for (const entries of history.entries.values()) {
    let previous = 0n;
    for (const entry of entries) {
      const isHere = tenantId === null || entry.tenantId === tenantId;
      if (isHere && entry.at >= from && entry.at < to) counted.transferred += entry.transferredBytes - previous;
      previous = entry.transferredBytes;
    }
  }
  const seconds = BigInt(CELL_SECONDS);
  for (const entries of history.entries.values()) {
    // The next measurement, and the next entry, behind the beginning of the cell.
    let [measurement, next] = [0, 0];
    for (let cell = from; cell < to; cell += CELL_SECONDS) {
      while ((history.measurements[measurement] ?? Number.POSITIVE_INFINITY) <= cell) measurement++;
      while ((entries[next]?.at ?? Number.POSITIVE_INFINITY) <= cell) next++;
      const [before, behind] = [history.measurements[measurement - 1], history.measurements[measurement]];
      const entry = entries[next - 1];
      if (before === undefined || behind === undefined || !entry || entry.isEnd) continue;
      if (tenantId !== null && entry.tenantId !== tenantId) continue;
      if (behind - before > 7_200) {
        counted.missing += seconds;
        continue;
      }
      counted.stored += entry.storedBytes * seconds;
      counted.protected += entry.protectedBytes * seconds;
      counted.agents += BigInt(entry.agents) * seconds;
    }
  }
  return counted;
}

export interface PlainStep {
  from: bigint;
  price: bigint;
}

/** Amounts in the currency's smallest unit. Quantities are in billionths, prices in millionths of the currency. */
export function billPlainly(input: {
  digits: number;
  minimum: bigint;
  steps: Record<string, PlainStep[]>;
  quantities: Record<string, bigint>;
  corrections: { meter: string; quantity: bigint }[];
}): bigint {
  const { digits, steps, quantities } = input;
  const unit = 10n ** BigInt(15 - digits);
  const at = { ...quantities };
  let total = 0n;
  const move = (meter: string, from: bigint, to: bigint) => {
    const list = steps[meter] ?? [];
    list.forEach((step, place) => {
      const end = list[place + 1]?.from;
      const reach = (quantity: bigint) => {
        const capped = end !== undefined && quantity > end ? end : quantity;
        return place > 0 && capped < step.from ? step.from : capped;
      };
      total += roundHalfAway((reach(to) - reach(from)) * step.price, unit);
    });
  };
  for (const [meter, quantity] of Object.entries(quantities)) move(meter, 0n, quantity);
  for (const { meter, quantity } of input.corrections) {
    const before = at[meter] ?? 0n;
    at[meter] = before + quantity;
    move(meter, before, before + quantity);
  }
  const minimum = roundHalfAway(input.minimum * 10n ** 9n, unit);
  return minimum > 0n && minimum > total ? minimum : total;
}

export function roundHalfAway(value: bigint, unit: bigint): bigint {
  const size = value < 0n ? -value : value;
  const rounded = (size * 2n + unit) / (unit * 2n);
  return value < 0n ? -rounded : rounded;
}
