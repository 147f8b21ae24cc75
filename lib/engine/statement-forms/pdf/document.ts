import "server-only";
import type { StatementSource } from "@/lib/engine/statements/printed";
import type { StatementForm } from "../schemas";
import { writeAgents, writeDays } from "./detail";
import { titleOf, writeHeading } from "./heading";
import { Sheet } from "./sheet";
import { writeGaps, writeLines, writeUsed } from "./summary";

/**
 * The form as a PDF. A page on paper is for people: what has more rows than anybody reads (`detail.ts` says how many) is summed up
 * by day, and the paper says where the rows are. So it may be made in memory.
 */
export async function* pdfOf(source: StatementSource, form: StatementForm): AsyncGenerator<Buffer> {
  const { statement } = source;
  const title = titleOf(statement, form);
  const info = {
    Title: title,
    Author: "Twincore",
    Creator: "Twincore",
    Producer: "Twincore",
    Subject: `${statement.tenantName}, ${statement.month}`,
    // Not the moment of printing: a final statement has the same bytes each time.
    CreationDate: new Date(statement.finalisedAt ?? statement.computedAt),
    ModDate: new Date(statement.finalisedAt ?? statement.computedAt),
  };
  const sheet = new Sheet(info, "en");
  writeHeading(sheet, statement, form);
  if (form === "usage") {
    await writeUsed(sheet, statement);
    await writeGaps(sheet, source);
    await writeAgents(sheet, source);
  } else {
    await writeLines(sheet, statement);
    await writeGaps(sheet, source);
    if (form === "days") await writeDays(sheet, source);
  }
  const name = statement.number === null ? "Draft" : `Statement ${statement.number}`;
  sheet.footers((page, pages) => ({
    left: `${name} · ${statement.tenantName} · ${statement.month}`,
    right: `Page ${page} of ${pages}`,
  }));
  const chunks: AsyncIterable<Buffer> = sheet.document;
  sheet.document.end();
  yield* chunks;
}
