import "server-only";
import { stringify } from "csv-stringify/sync";
import { withTransaction } from "@/lib/db/transaction";
import type { EngineContext } from "@/lib/engine/context";
import type { AuditEntry, ExportAuditInput } from "./schemas";
import { searchPage } from "./search";
import { writeAudit } from "./write";

const BATCH = 1_000;

const COLUMNS = [
  "position",
  "at",
  "actor",
  "actorKind",
  "actorId",
  "action",
  "subject",
  "result",
  "reason",
  "door",
  "address",
  "requestId",
  "detail",
  "hash",
] as const satisfies readonly (keyof AuditEntry)[];

/**
 * The entries that a search finds, newest first, as CSV or as one JSON object a line; a batch at a time, whatever their number. That they were
 * taken out is itself an entry, written before the first one is handed on. In CSV what a spreadsheet would take for a formula is marked as text.
 */
export async function exportAudit(ctx: EngineContext, input: ExportAuditInput): Promise<AsyncGenerator<Uint8Array>> {
  const { format, ...filter } = input;
  const asked = Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined));
  await withTransaction(ctx.db, (tx) => writeAudit(tx, ctx, "audit.export", "", { format, ...asked }));
  return lines(ctx, input);
}

async function* lines(ctx: EngineContext, { format, ...filter }: ExportAuditInput): AsyncGenerator<Uint8Array> {
  const write = format === "csv" ? toCsv : toJsonLines;
  if (format === "csv") yield Buffer.from(`${COLUMNS.join(",")}\r\n`);
  let cursor: string | undefined;
  do {
    const page = await searchPage(ctx.db.pool, filter, cursor, BATCH);
    cursor = page.nextCursor ?? undefined;
    if (page.items.length > 0) yield Buffer.from(write(page.items));
  } while (cursor !== undefined);
}

function toCsv(entries: readonly AuditEntry[]): string {
  const rows = entries.map((entry) =>
    COLUMNS.map((name) => (name === "detail" ? JSON.stringify(entry[name]) : entry[name])),
  );
  return stringify(rows, { escape_formulas: true, record_delimiter: "\r\n" });
}

function toJsonLines(entries: readonly AuditEntry[]): string {
  return entries
    .map((entry) => `${JSON.stringify(Object.fromEntries(COLUMNS.map((name) => [name, entry[name]])))}\n`)
    .join("");
}
