import "server-only";
import { DateTime } from "luxon";
import type { PrintedDayTotal, PrintedLine, PrintedStatement, StatementSource } from "@/lib/engine/statements/printed";
import type { MeterName } from "@/lib/engine/usage/meters";
import { plain, readableAmount, readableFigure, toHours } from "../figures";
import { usageOf } from "../json";
import { type Cell, INK, MUTED, type Sheet, type TextStyle } from "./sheet";

const SMALL: TextStyle = { size: 8, colour: MUTED };
const RIGHT = { align: "right" as const };
/** Days without figures that are named one by one. */
const DAYS_NAMED_MAX = 31;

/** The lines, each with its formula beneath, and what they come to. */
export async function writeLines(sheet: Sheet, statement: PrintedStatement): Promise<void> {
  const { currency } = statement;
  const priced = currency !== "";
  const widths = priced ? [sheet.width - 280, 120, 80, 80] : [sheet.width - 160, 160];
  const heads = priced ? ["Item", "Quantity", "Price", `Amount ${currency}`] : ["Item", "Quantity"];
  const head = () => tableHead(sheet, heads, widths);
  await sheet.table(head, () => {
    for (const line of statement.lines) {
      sheet.row(cellsOf(line, statement), widths);
      sheet.y -= 3;
      sheet.paragraph(line.formula, SMALL, sheet.width - 20);
      sheet.y += 4;
      sheet.rule();
      sheet.y += 2;
    }
  });
  if (statement.lines.length === 0) sheet.paragraph("Nothing was used.", { colour: MUTED });
  if (priced) writeTotal(sheet, statement);
  else sheet.paragraph("No price plan holds for this month: this is usage without prices.", SMALL);
  sheet.y += 8;
}

function cellsOf(line: PrintedLine, statement: PrintedStatement): Cell[] {
  const quantity = `${readableFigure(line.quantity)} ${line.unit}`;
  const cells: Cell[] = [
    { text: line.description, weight: 600 },
    { text: quantity, ...RIGHT },
  ];
  if (statement.currency === "") return cells;
  return [
    ...cells,
    { text: readableFigure(line.unitPrice), ...RIGHT },
    { text: readableAmount(line.amount, statement), ...RIGHT },
  ];
}

function writeTotal(sheet: Sheet, statement: PrintedStatement): void {
  sheet.need(30);
  sheet.y += 4;
  const style = { size: 11.5, weight: 600 as const };
  const words = { text: `Total ${statement.currency}`, ...style, ...RIGHT };
  sheet.row(
    [words, { text: readableAmount(statement.total, statement), ...style, ...RIGHT }],
    [sheet.width - 120, 120],
  );
}

/** What was used, without any price. */
export async function writeUsed(sheet: Sheet, statement: PrintedStatement): Promise<void> {
  const widths = [sheet.width - 180, 180];
  await sheet.table(
    () => tableHead(sheet, ["What", "Quantity"], widths),
    () => {
      for (const used of usageOf(statement)) {
        const name = used.kind === "usage" ? METERS[used.meter] : used.description;
        const quantity = `${readableFigure(used.quantity)} ${used.unit}`;
        sheet.row(
          [
            { text: name, weight: 600 },
            { text: quantity, ...RIGHT },
          ],
          widths,
        );
        sheet.rule();
        sheet.y += 2;
      }
    },
  );
  sheet.y += 8;
}

const METERS: Readonly<Record<MeterName, string>> = {
  stored: "Stored, after deduplication and compression",
  protected: "Protected, before deduplication and compression",
  transferred: "Transferred over the network",
  agents: "Agents",
};

/** How it was measured, and for when nothing was. */
export async function writeGaps(sheet: Sheet, source: StatementSource): Promise<void> {
  sheet.need(60);
  sheet.paragraph("How this was measured", { weight: 600, size: 10 });
  sheet.y += 2;
  sheet.paragraph(
    "Every agent is measured at least once an hour. A figure holds until the next one; bytes times the seconds for which they were " +
      "there, divided by the seconds of the month, are byte-months. 1 GB is 1,000,000,000 bytes. Days and months are those of the " +
      "time zone above.",
    SMALL,
  );
  sheet.y += 3;
  const missing = source.statement.missingHours;
  if (plain(missing) === "0") {
    sheet.paragraph("There is no gap: something was measured for every hour of every agent.", SMALL);
  } else {
    const days = (await source.dayTotals()).filter((day) => day.missingSeconds > 0n);
    const hours = readableFigure(missing);
    sheet.paragraph(`For ${hours} hours of agents nothing was measured. They are not charged: ${gaps(days)}.`, SMALL);
  }
  sheet.y += 10;
}

const gaps = (days: readonly PrintedDayTotal[]) =>
  days
    .slice(0, DAYS_NAMED_MAX)
    .map((day) => `${dayName(day.day)} (${plain(toHours(day.missingSeconds))} h)`)
    .join(", ");

export const dayName = (day: string): string =>
  DateTime.fromISO(day, { zone: "utc", locale: "en-GB" }).toFormat("d LLL");

/** The head of a table: the first column to the left, all others to the right. */
export function tableHead(sheet: Sheet, names: readonly string[], widths: readonly number[]): void {
  const cells = names.map((text, at) => ({ text, size: 7.5, colour: MUTED, ...(at > 0 ? RIGHT : {}) }));
  sheet.row(cells, widths);
  sheet.rule(INK, 0.8);
  sheet.y += 2;
}
