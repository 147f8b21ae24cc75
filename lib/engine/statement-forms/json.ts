import "server-only";
import type { PrintedAgent, PrintedDay, PrintedStatement, StatementSource } from "@/lib/engine/statements/printed";
import { monthSeconds, plain, toAgentMonths, toAmount, toGb, toGbMonths, toHours } from "./figures";
import type { StatementForm } from "./schemas";

/** The form as one JSON document, decimals and bytes as strings. Piece by piece. */
export async function* jsonOf(source: StatementSource, form: StatementForm): AsyncGenerator<string> {
  const { statement } = source;
  const head = { form, ...headOf(statement, form) };
  if (form === "summary") {
    yield `${JSON.stringify({ ...head, lines: linesOf(statement) }, null, 2)}\n`;
    return;
  }
  const before = form === "days" ? { ...head, lines: linesOf(statement) } : { ...head, usage: usageOf(statement) };
  const seconds = monthSeconds(statement);
  yield `${JSON.stringify(before).slice(0, -1)},"${form === "days" ? "days" : "agents"}":[`;
  if (form === "days") yield* joined(source.days(), (row: PrintedDay) => ({ day: row.day, ...placeOf(row, seconds) }));
  else yield* joined(source.agents(), (row: PrintedAgent) => ({ days: row.days, ...placeOf(row, seconds) }));
  yield "\n]}\n";
}

/** One element a line, so that tools which read by lines can follow. */
async function* joined<T>(batches: AsyncIterable<readonly T[]>, write: (row: T) => object): AsyncGenerator<string> {
  let first = true;
  for await (const batch of batches) {
    if (batch.length === 0) continue;
    yield `${first ? "\n" : ",\n"}${batch.map((row) => JSON.stringify(write(row))).join(",\n")}`;
    first = false;
  }
}

function headOf(statement: PrintedStatement, form: StatementForm) {
  const { id, number, state, tenantId, tenantName, customerId, month, timeZone, planName, currency } = statement;
  return {
    statement: {
      id,
      number,
      state,
      tenant: { id: tenantId, name: tenantName, customerId },
      month,
      timeZone,
      beginsAt: statement.beginsAt,
      endsAt: statement.endsAt,
      monthSeconds: monthSeconds(statement),
      ...(form === "usage" ? {} : { plan: planName, currency, total: toAmount(statement.total, statement) }),
      missingHours: plain(statement.missingHours),
      computedAt: statement.computedAt,
      finalisedAt: statement.finalisedAt,
    },
  };
}

const linesOf = (statement: PrintedStatement) =>
  statement.lines.map((line) => ({
    line: line.position,
    kind: line.kind,
    meter: line.meter,
    description: line.description,
    quantity: plain(line.quantity),
    unit: line.unit,
    unitPrice: plain(line.unitPrice),
    amount: toAmount(line.amount, statement),
    howMeasured: line.formula,
  }));

/** What was used of each meter, and each correction of it; nothing of it has a price. */
export const usageOf = ({ usage, lines }: Pick<PrintedStatement, "usage" | "lines">) => [
  ...usage.map(({ meter, quantity, unit, formula }) => ({
    kind: "usage" as const,
    meter,
    description: "",
    quantity: plain(quantity),
    unit,
    howMeasured: formula,
  })),
  ...lines
    .filter((line) => line.kind === "correction")
    .map(({ meter, description, quantity, unit }) => ({
      kind: "correction" as const,
      meter,
      description,
      quantity: plain(quantity),
      unit,
      howMeasured: "",
    })),
];

const placeOf = (row: PrintedDay | PrintedAgent, seconds: number) => ({
  agent: { id: row.agentId, name: row.agentName },
  repository: { id: row.repositoryId, name: row.repositoryName },
  source: row.sourceName,
  measuredHours: toHours(row.measuredSeconds),
  missingHours: toHours(row.missingSeconds),
  agentSeconds: row.agentSeconds.toString(),
  protectedByteSeconds: row.protectedByteSeconds.toString(),
  storedByteSeconds: row.storedByteSeconds.toString(),
  transferredBytes: row.transferredBytes.toString(),
  protectedGbMonths: toGbMonths(row.protectedByteSeconds, seconds),
  storedGbMonths: toGbMonths(row.storedByteSeconds, seconds),
  transferredGb: toGb(row.transferredBytes),
  agentMonths: toAgentMonths(row.agentSeconds, seconds),
  recoveryPointsMax: row.recoveryPointsMax,
  reportedBytes: row.reportedBytes?.toString() ?? null,
});
