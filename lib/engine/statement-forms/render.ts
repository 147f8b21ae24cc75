import "server-only";
import type { PrintedStatement, StatementSource } from "@/lib/engine/statements/printed";
import { csvOf } from "./csv";
import { jsonOf } from "./json";
import { pdfOf } from "./pdf/document";
import type { StatementForm, StatementFormat } from "./schemas";

/** A form of a statement on its way out; its length is not known before its end. */
export interface RenderedStatement {
  fileName: string;
  contentType: string;
  body: AsyncIterable<Buffer>;
}

const TYPES: Readonly<Record<StatementFormat, string>> = {
  csv: "text/csv; charset=utf-8; header=present",
  json: "application/json",
  pdf: "application/pdf",
};

/**
 * Writes a statement in one form and format, piece by piece: memory stays the same whatever the number of agents. Of a final statement
 * the bytes are the same each time.
 */
export function renderStatement(
  source: StatementSource,
  { form, format }: { form: StatementForm; format: StatementFormat },
): RenderedStatement {
  return {
    fileName: `${fileNameOf(source.statement, form)}.${format}`,
    contentType: TYPES[format],
    body: format === "pdf" ? pdfOf(source, form) : utf8(format === "csv" ? csvOf(source, form) : jsonOf(source, form)),
  };
}

async function* utf8(texts: AsyncIterable<string>): AsyncGenerator<Buffer> {
  for await (const text of texts) yield Buffer.from(text, "utf8");
}

/** "2026-10-acme-gmbh-statement-17", without anything that a file system or a header would mind. */
function fileNameOf({ month, tenantName, number }: PrintedStatement, form: StatementForm): string {
  const tenant = tenantName
    .normalize("NFKC")
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, "-")
    .replace(/^-+|-+$/g, "")
    .slice(0, 60);
  const what = form === "summary" ? "statement" : form === "days" ? "statement-days" : "usage";
  return [month, tenant, what, number === null ? "draft" : String(number)].filter(Boolean).join("-");
}
