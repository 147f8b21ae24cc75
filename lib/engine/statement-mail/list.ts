import "server-only";
import type { EngineContext } from "@/lib/engine/context";
import { listDeliveries } from "@/lib/engine/deliveries";
import { notFound } from "@/lib/errors";
import type { ListStatementDeliveriesInput, StatementDeliveryPage } from "./schemas";

/** As many as anybody looks at; the rest is asked for. */
const PAGE = 20;

/** When a statement was mailed to whom, and what became of it. Throws not_found. */
export async function listStatementDeliveries(
  ctx: EngineContext,
  { id, cursor }: ListStatementDeliveriesInput,
): Promise<StatementDeliveryPage> {
  const statement = await ctx.db.prisma.statement.findUnique({ where: { id }, select: { id: true } });
  if (!statement) throw notFound("statement");
  return listDeliveries(ctx, { purpose: "statement", subjectId: id, cursor, limit: PAGE });
}
