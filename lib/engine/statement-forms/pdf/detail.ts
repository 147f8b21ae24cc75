import "server-only";
import type { PrintedUsage, StatementSource } from "@/lib/engine/statements/printed";
import { monthSeconds, readable, toAgentMonths, toGb, toGbMonths, toHours } from "../figures";
import { MUTED, type Sheet, type TextStyle } from "./sheet";
import { dayName, tableHead } from "./summary";

/** More rows than these no person reads on paper (about 30 pages); CSV and JSON have them all. */
const ROWS_MAX = 1200;
const SMALL: TextStyle = { size: 8, colour: MUTED };
const FIGURES = ["Stored GB-months", "Protected GB-months", "Transferred GB", "Agent-months", "Missing h"] as const;
const WIDTHS = [78, 82, 76, 72, 54] as const;

const figuresOf = (usage: PrintedUsage, seconds: number): string[] => [
  readable(toGbMonths(usage.storedByteSeconds, seconds), 6),
  readable(toGbMonths(usage.protectedByteSeconds, seconds), 6),
  readable(toGb(usage.transferredBytes), 6),
  readable(toAgentMonths(usage.agentSeconds, seconds), 6),
  readable(toHours(usage.missingSeconds), 2),
];

/** Every day, and below it every agent on every day where that is not more than a person reads. */
export async function writeDays(sheet: Sheet, source: StatementSource): Promise<void> {
  const seconds = monthSeconds(source.statement);
  const widths = widthsOf(sheet);
  heading(sheet, "By day");
  const totals = await source.dayTotals();
  await sheet.table(
    () => tableHead(sheet, ["Day", ...FIGURES], widths),
    async () => {
      for (const total of totals)
        await row(
          sheet,
          `${dayName(total.day)} · ${total.agents} ${total.agents === 1 ? "agent" : "agents"}`,
          figuresOf(total, seconds),
          widths,
        );
    },
  );
  sheet.y += 12;
  const { days } = await source.counts();
  heading(sheet, "By agent and day");
  if (days > ROWS_MAX) return tooLong(sheet, days);
  await sheet.table(
    () => tableHead(sheet, ["Agent and day", ...FIGURES], widths),
    async () => {
      for await (const batch of source.days())
        for (const day of batch)
          await row(
            sheet,
            `${day.agentName} · ${dayName(day.day)} · ${day.repositoryName}`,
            figuresOf(day, seconds),
            widths,
          );
    },
  );
}

/** Every agent with its month. */
export async function writeAgents(sheet: Sheet, source: StatementSource): Promise<void> {
  const seconds = monthSeconds(source.statement);
  const widths = widthsOf(sheet);
  heading(sheet, "By agent");
  const { agents } = await source.counts();
  if (agents > ROWS_MAX) return tooLong(sheet, agents);
  await sheet.table(
    () => tableHead(sheet, ["Agent", ...FIGURES], widths),
    async () => {
      for await (const batch of source.agents())
        for (const agent of batch)
          await row(sheet, `${agent.agentName} · ${agent.repositoryName}`, figuresOf(agent, seconds), widths);
    },
  );
}

const widthsOf = (sheet: Sheet) => [sheet.width - WIDTHS.reduce((sum, one) => sum + one, 0), ...WIDTHS];

function heading(sheet: Sheet, text: string): void {
  sheet.need(60);
  sheet.paragraph(text, { weight: 600, size: 10 });
  sheet.y += 3;
}

async function row(sheet: Sheet, name: string, figures: readonly string[], widths: readonly number[]): Promise<void> {
  await sheet.breathe();
  const cells = figures.map((text) => ({ text, size: 7.5, align: "right" as const }));
  sheet.row([{ text: name, size: 7.5 }, ...cells], widths);
}

const tooLong = (sheet: Sheet, rows: number): void =>
  sheet.paragraph(
    `${readable(String(rows), 0)} rows are more than paper is for (at most ${readable(String(ROWS_MAX), 0)}). The CSV and the JSON of this form have every one of them.`,
    SMALL,
  );
