import "server-only";
import { stringify } from "csv-stringify/sync";
import type { PrintedLine, PrintedStatement, PrintedUsage, StatementSource } from "@/lib/engine/statements/printed";
import { monthSeconds, plain, toAgentMonths, toAmount, toGb, toGbMonths, toHours } from "./figures";
import type { StatementForm } from "./schemas";

type Cell = string | number | null;

/** The form as CSV: RFC 4180, UTF-8, a dot in decimals, one header, every row complete in itself. Piece by piece. */
export async function* csvOf(source: StatementSource, form: StatementForm): AsyncGenerator<string> {
  if (form === "summary") yield* summary(source);
  else if (form === "days") yield* days(source);
  else yield* usage(source);
}

/** Rows as CSV. A text that a spreadsheet would run as a formula gets an apostrophe in front; figures are left alone. */
export const toCsv = (rows: readonly (readonly Cell[])[]): string => stringify([...rows], { record_delimiter: "\r\n" });

/** A text of somebody: names come from agents and customers. */
export const guarded = (text: string): string => (/^[=+\-@\t\r\n＋－＝＠]/.test(text) ? `'${text}` : text);

const HEAD = ["statement", "state", "tenant", "customer_id", "month", "time_zone"] as const;

const headOf = (statement: PrintedStatement): Cell[] => [
  statement.number ?? "",
  statement.state,
  guarded(statement.tenantName),
  guarded(statement.customerId),
  statement.month,
  statement.timeZone,
];

const LINE = ["kind", "meter", "description", "quantity", "unit"] as const;

const lineOf = (line: PrintedLine): Cell[] => [
  line.kind,
  line.meter ?? "",
  guarded(line.description),
  plain(line.quantity),
  guarded(line.unit),
];

function* summary({ statement }: StatementSource): Generator<string> {
  const prices = ["unit_price", "amount", "currency", "statement_total", "how_measured"];
  yield toCsv([[...HEAD, "line", ...LINE, ...prices]]);
  const { currency, total } = statement;
  yield toCsv(
    statement.lines.map((line) => [
      ...headOf(statement),
      line.position,
      ...lineOf(line),
      plain(line.unitPrice),
      toAmount(line.amount, statement),
      currency,
      toAmount(total, statement),
      guarded(line.formula),
    ]),
  );
}

const PLACE = ["agent", "agent_id", "repository", "repository_id", "source"] as const;

const USAGE = [
  "measured_hours",
  "missing_hours",
  "agent_seconds",
  "protected_byte_seconds",
  "stored_byte_seconds",
  "transferred_bytes",
  "protected_gb_months",
  "stored_gb_months",
  "transferred_gb",
  "agent_months",
] as const;

const usageOf = (usage: PrintedUsage, seconds: number): Cell[] => [
  toHours(usage.measuredSeconds),
  toHours(usage.missingSeconds),
  usage.agentSeconds.toString(),
  usage.protectedByteSeconds.toString(),
  usage.storedByteSeconds.toString(),
  usage.transferredBytes.toString(),
  toGbMonths(usage.protectedByteSeconds, seconds),
  toGbMonths(usage.storedByteSeconds, seconds),
  toGb(usage.transferredBytes),
  toAgentMonths(usage.agentSeconds, seconds),
];

async function* days(source: StatementSource): AsyncGenerator<string> {
  const { statement } = source;
  const seconds = monthSeconds(statement);
  const head = headOf(statement);
  yield toCsv([[...HEAD, "month_seconds", "day", ...PLACE, ...USAGE, "recovery_points_max", "reported_bytes"]]);
  for await (const batch of source.days())
    yield toCsv(
      batch.map((row) => [
        ...head,
        seconds,
        row.day,
        guarded(row.agentName),
        row.agentId,
        guarded(row.repositoryName),
        row.repositoryId,
        guarded(row.sourceName),
        ...usageOf(row, seconds),
        row.recoveryPointsMax,
        row.reportedBytes?.toString() ?? "",
      ]),
    );
}

async function* usage(source: StatementSource): AsyncGenerator<string> {
  const { statement } = source;
  const seconds = monthSeconds(statement);
  const head = headOf(statement);
  yield toCsv([
    [...HEAD, "kind", "month_seconds", ...PLACE, "days", ...USAGE, "recovery_points_max", "reported_bytes"],
  ]);
  for await (const batch of source.agents())
    yield toCsv(
      batch.map((row) => [
        ...head,
        "agent",
        seconds,
        guarded(row.agentName),
        row.agentId,
        guarded(row.repositoryName),
        row.repositoryId,
        guarded(row.sourceName),
        row.days,
        ...usageOf(row, seconds),
        row.recoveryPointsMax,
        row.reportedBytes?.toString() ?? "",
      ]),
    );
  const corrections = statement.lines.filter((line) => line.kind === "correction");
  if (corrections.length > 0) yield toCsv(corrections.map((line) => [...head, ...correctionOf(line, seconds)]));
}

/** A correction among the agents: its quantity stands in the column of its meter, so that columns add up to the lines. */
function correctionOf(line: PrintedLine, seconds: number): Cell[] {
  const of = (meter: PrintedLine["meter"]) => (line.meter === meter ? plain(line.quantity) : "0");
  const quantities = [of("protected"), of("stored"), of("transferred"), of("agents")];
  const place = [guarded(line.description), "", "", "", ""];
  return ["correction", seconds, ...place, "", "0", "0", "0", "0", "0", "0", ...quantities, "", ""];
}
