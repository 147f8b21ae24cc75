import "server-only";
import { withTransaction } from "@/lib/db/transaction";
import { writeAudit } from "@/lib/engine/audit";
import type { EngineContext } from "@/lib/engine/context";
import { guarded, toCsv } from "@/lib/engine/statement-forms/csv";
import type { RenderedStatement } from "@/lib/engine/statement-forms/render";
import { Prisma } from "@/prisma/generated/client";
import type { ExportUsageInput } from "./schemas";

/** Rows in memory at a time: about a megabyte. */
const BATCH_ROWS = 2000;

const COLUMNS = [
  "day",
  "time_zone",
  "tenant",
  "tenant_id",
  "agent",
  "agent_id",
  "repository",
  "repository_id",
  "source",
  "measured_seconds",
  "missing_seconds",
  "agent_seconds",
  "protected_byte_seconds",
  "stored_byte_seconds",
  "transferred_bytes",
  "protected_bytes_last",
  "stored_bytes_last",
  "recovery_points_max",
] as const;

/** Every agent on every day as CSV, by day; what the caller may not know of is not in it. Written to the audit trail before the first byte. */
export async function exportUsage(ctx: EngineContext, input: ExportUsageInput): Promise<RenderedStatement> {
  const subject = input.agentId ?? input.tenantId ?? "all";
  await withTransaction(ctx.db, (tx) =>
    writeAudit(tx, ctx, "usage.export", subject, { from: input.from, to: input.to }),
  );
  return {
    fileName: `usage-${input.from}-to-${input.to}.csv`,
    contentType: "text/csv; charset=utf-8; header=present",
    body: utf8(rows(ctx, input)),
  };
}

async function* utf8(texts: AsyncIterable<string>): AsyncGenerator<Buffer> {
  for await (const text of texts) yield Buffer.from(text, "utf8");
}

interface DayRow {
  id: bigint;
  /** In the order of the columns. */
  cells: string[];
}

async function* rows(ctx: EngineContext, { from, to, tenantId, agentId }: ExportUsageInput): AsyncGenerator<string> {
  yield toCsv([COLUMNS]);
  let after = Prisma.empty;
  for (;;) {
    const batch = await ctx.db.prisma.$queryRaw<DayRow[]>`
      select d.id, array[d.day::text, d.time_zone, coalesce(t.name, ''), d.tenant_id::text, d.agent_name, d.agent_id::text,
        coalesce(r.name, ''), d.repository_id::text, coalesce(p.peer_name, ''), d.measured_seconds::text, d.missing_seconds::text,
        d.agent_seconds::text, d.protected_byte_seconds::text, d.stored_byte_seconds::text, d.transferred_bytes::text,
        d.protected_bytes_last::text, d.stored_bytes_last::text, d.recovery_points_max::text] as cells
      from usage_day d
      left join tenant t on t.id = d.tenant_id
      left join repository r on r.id = d.repository_id
      left join pairing p on p.id = d.pairing_id
      where d.day >= ${from}::date and d.day <= ${to}::date
        and (${tenantId ?? null}::uuid is null or d.tenant_id = ${tenantId ?? null}::uuid)
        and (${agentId ?? null}::uuid is null or d.agent_id = ${agentId ?? null}::uuid) ${after}
      order by d.day, d.id limit ${BATCH_ROWS}`;
    if (batch.length > 0) yield toCsv(batch.map(({ cells }) => cells.map(guarded)));
    const last = batch.at(-1);
    if (!last || batch.length < BATCH_ROWS) return;
    after = Prisma.sql`and (d.day, d.id) > (${last.cells[0]}::date, ${last.id})`;
  }
}
