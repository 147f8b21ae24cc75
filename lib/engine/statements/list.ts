import "server-only";
import { z } from "zod";
import type { EngineContext } from "@/lib/engine/context";
import { invalidInput } from "@/lib/errors";
import { toSummary, withPlan } from "./convert";
import type { ListStatementsInput, StatementPage } from "./schemas";

const Cursor = z.tuple([z.string(), z.string(), z.uuid()]);

/** Statements, the newest month first, then by the tenant's name. Drafts as they were computed last. Throws `invalid_input` for a cursor that is none. */
export async function listStatements(ctx: EngineContext, input: ListStatementsInput): Promise<StatementPage> {
  const { cursor, limit, month, tenantId, state } = input;
  const where = { month, tenantId, state };
  const [rows, total] = await Promise.all([
    ctx.db.prisma.statement.findMany({
      where: { AND: [where, behind(cursor)] },
      orderBy: [{ month: "desc" }, { tenantName: "asc" }, { id: "asc" }],
      take: limit + 1,
      include: withPlan,
    }),
    ctx.db.prisma.statement.count({ where }),
  ]);
  const items = rows.slice(0, limit).map(toSummary);
  const last = items.at(-1);
  const nextCursor = rows.length > limit && last ? encode([last.month, last.tenantName, last.id]) : null;
  return { items, nextCursor, total };
}

const encode = (cursor: z.infer<typeof Cursor>): string => Buffer.from(JSON.stringify(cursor)).toString("base64url");

function behind(cursor: string | undefined) {
  if (cursor === undefined) return {};
  const [month, tenantName, id] = decode(cursor);
  return {
    OR: [{ month: { lt: month } }, { month, tenantName: { gt: tenantName } }, { month, tenantName, id: { gt: id } }],
  };
}

function decode(cursor: string): z.infer<typeof Cursor> {
  try {
    return Cursor.parse(JSON.parse(Buffer.from(cursor, "base64url").toString("utf8")));
  } catch {
    throw invalidInput("The cursor is not one that this list gave out.");
  }
}
