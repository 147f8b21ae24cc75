import type {
  PrintedAgent,
  PrintedDay,
  PrintedDayTotal,
  PrintedLine,
  PrintedStatement,
  StatementSource,
} from "@/lib/engine/statements/printed";

const GB = 1_000_000_000n;
const DAY_SECONDS = 86_400n;

export const line = (over: Partial<PrintedLine> = {}): PrintedLine => ({
  position: 1,
  kind: "usage",
  meter: "stored",
  description: "Stored",
  quantity: "100.000000000",
  unit: "GB-month",
  correctionId: null,
  unitPrice: "0.050000",
  amount: "5.000000",
  formula: "267,840,000 GB-seconds ÷ 2,678,400 s = 100 GB-months × 0.05 EUR",
  ...over,
});

export const printed = (over: Partial<PrintedStatement> = {}): PrintedStatement => ({
  id: "0199aaaa-0000-7000-8000-000000000001",
  number: 17,
  state: "final",
  tenantId: "0199aaaa-0000-7000-8000-0000000000aa",
  tenantName: "Acme GmbH",
  customerId: "AC-100",
  month: "2026-10",
  timeZone: "Europe/Berlin",
  beginsAt: "2026-09-30T22:00:00.000Z",
  endsAt: "2026-10-31T23:00:00.000Z",
  planId: "0199aaaa-0000-7000-8000-0000000000dd",
  planName: "Standard",
  currency: "EUR",
  currencyDigits: 2,
  total: "5.000000",
  missingHours: "0",
  computedAt: "2026-11-01T06:00:00.000Z",
  finalisedAt: "2026-11-02T09:30:00.000Z",
  finalisedBy: "account:clerk@example.com",
  isMonthOver: true,
  lines: [line()],
  usage: [
    { meter: "stored", quantity: "100.000000000", unit: "GB-month", formula: "268,200,000 GB-seconds ÷ 2,682,000 s" },
  ],
  ...over,
});

export const day = (at: number, over: Partial<PrintedDay> = {}): PrintedDay => ({
  day: `2026-10-${String(at).padStart(2, "0")}`,
  agentId: "0199aaaa-0000-7000-8000-0000000000b1",
  agentName: "web-01",
  repositoryId: "0199aaaa-0000-7000-8000-0000000000c1",
  repositoryName: "vault",
  sourceName: "branch office",
  measuredSeconds: DAY_SECONDS,
  missingSeconds: 0n,
  agentSeconds: DAY_SECONDS,
  protectedByteSeconds: 300n * GB * DAY_SECONDS,
  storedByteSeconds: 100n * GB * DAY_SECONDS,
  transferredBytes: 2n * GB,
  recoveryPointsMax: 12,
  reportedBytes: 300n * GB,
  ...over,
});

/** A statement that lies in memory, as the tests of its forms need it. */
export function sourceOf(
  statement: PrintedStatement,
  rows: readonly PrintedDay[] = [],
  agents: readonly PrintedAgent[] = [],
): StatementSource {
  return {
    statement,
    days: () => inBatches(rows),
    agents: () => inBatches(agents),
    dayTotals: async () => totalsOf(rows),
    counts: async () => ({ days: rows.length, agents: agents.length }),
  };
}

async function* inBatches<T>(rows: readonly T[]): AsyncGenerator<readonly T[]> {
  for (let at = 0; at < rows.length; at += 3) yield rows.slice(at, at + 3);
}

function totalsOf(rows: readonly PrintedDay[]): PrintedDayTotal[] {
  return [...new Set(rows.map((row) => row.day))].sort().map((name) => {
    const own = rows.filter((row) => row.day === name);
    const sum = (of: (row: PrintedDay) => bigint) => own.reduce((total, row) => total + of(row), 0n);
    return {
      day: name,
      agents: new Set(own.map((row) => row.agentId)).size,
      measuredSeconds: sum((row) => row.measuredSeconds),
      missingSeconds: sum((row) => row.missingSeconds),
      agentSeconds: sum((row) => row.agentSeconds),
      protectedByteSeconds: sum((row) => row.protectedByteSeconds),
      storedByteSeconds: sum((row) => row.storedByteSeconds),
      transferredBytes: sum((row) => row.transferredBytes),
    };
  });
}

export async function bytesOf(body: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks);
}
