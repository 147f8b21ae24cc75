import "server-only";
import { DateTime } from "luxon";
import type { PrintedStatement } from "@/lib/engine/statements/printed";
import type { StatementForm } from "../schemas";
import { INK, MUTED, type Sheet } from "./sheet";

const TITLES: Readonly<Record<StatementForm, string>> = {
  summary: "Statement",
  days: "Statement with days",
  usage: "Usage",
};

/** "Statement 17 · Acme GmbH · October 2026" */
export function titleOf(statement: PrintedStatement, form: StatementForm): string {
  const number = statement.number === null ? " (draft)" : ` ${statement.number}`;
  return `${TITLES[form]}${number} · ${statement.tenantName} · ${monthName(statement.month)}`;
}

export const monthName = (month: string): string =>
  DateTime.fromISO(`${month}-01`, { zone: "utc", locale: "en-GB" }).toFormat("LLLL yyyy");

/** The mark, whose bill it is, for when, and whether it counts. */
export function writeHeading(sheet: Sheet, statement: PrintedStatement, form: StatementForm): void {
  drawMark(sheet, sheet.left, sheet.y);
  sheet.text("Twincore", sheet.left + 34, sheet.y + 5, 200, { size: 13, weight: 600 });
  const right = { align: "right" as const };
  const half = sheet.width / 2;
  sheet.text(TITLES[form], sheet.right - half, sheet.y, half, { ...right, size: 15, weight: 600 });
  const number = statement.number === null ? "no number yet" : `No. ${statement.number}`;
  sheet.text(number, sheet.right - half, sheet.y + 21, half, { ...right, colour: MUTED });
  sheet.y += 46;
  if (statement.state === "draft") drawDraft(sheet);
  const begins = instant(statement.beginsAt, statement.timeZone);
  const ends = instant(statement.endsAt, statement.timeZone);
  const facts = [
    ["Customer", statement.tenantName],
    ...(statement.customerId ? [["Customer id", statement.customerId]] : []),
    ["Month", monthName(statement.month)],
    ["From", `${begins} (${statement.timeZone})`],
    ["Until", `${ends} (${statement.timeZone})`],
    ...(form === "usage" || !statement.planName ? [] : [["Plan", statement.planName]]),
    stateFact(statement),
  ];
  for (const [name = "", value = ""] of facts)
    sheet.row(
      [
        { text: name, colour: MUTED },
        { text: value, weight: name === "Customer" ? 600 : 400 },
      ],
      [92, sheet.width - 92],
    );
  sheet.y += 10;
}

const stateFact = ({ finalisedAt, computedAt, timeZone }: PrintedStatement): string[] =>
  finalisedAt ? ["Final since", instant(finalisedAt, timeZone)] : ["Computed", instant(computedAt, timeZone)];

const instant = (at: string, zone: string) =>
  DateTime.fromISO(at, { zone }).setLocale("en-GB").toFormat("d LLLL yyyy, HH:mm");

/** A draft must not be taken for a bill. */
function drawDraft(sheet: Sheet): void {
  sheet.document.roundedRect(sheet.left, sheet.y, sheet.width, 24, 4).fill("#f6ead2");
  const words = "DRAFT · figures may still change; this is not a bill.";
  sheet.text(words, sheet.left + 9, sheet.y + 6, sheet.width - 18, { weight: 600, colour: "#7a4d05" });
  sheet.y += 34;
  sheet.document.fillColor(INK);
}

/** Two linked cores, as on the pages. */
function drawMark({ document }: Sheet, x: number, y: number): void {
  const scale = 26 / 32;
  document.save().translate(x, y).roundedRect(0, 0, 26, 26, 5.5).fill("#12303a").scale(scale);
  document.lineWidth(3.4).lineCap("round");
  document.path("M17.2 20.6A6.6 6.6 0 1 1 17.2 11.4").stroke("#e0a06a");
  document.circle(20, 16, 6.6).stroke("#7fd0d6");
  document.circle(12.5, 16, 1.9).fill("#e0a06a");
  document.restore();
}
