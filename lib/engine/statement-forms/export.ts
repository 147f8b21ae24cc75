import "server-only";
import { withTransaction } from "@/lib/db/transaction";
import { writeAudit } from "@/lib/engine/audit";
import type { EngineContext } from "@/lib/engine/context";
import { openStatement } from "@/lib/engine/statements";
import { checked } from "./checked";
import { type RenderedStatement, renderStatement } from "./render";
import type { ExportStatementInput } from "./schemas";

/**
 * A statement in one form and format; that it was taken out stands in the audit trail before the first byte. A body whose rows do not
 * come to its lines breaks off before its end. Throws `not_found`.
 */
export async function exportStatement(ctx: EngineContext, input: ExportStatementInput): Promise<RenderedStatement> {
  const { id, form, format } = input;
  const source = checked(await openStatement(ctx, { id }));
  const { tenantName, month, number } = source.statement;
  await withTransaction(ctx.db, (tx) =>
    writeAudit(tx, ctx, "statement.export", id, { form, format, tenant: tenantName, month, number }),
  );
  return renderStatement(source, { form, format });
}
