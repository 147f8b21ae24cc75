import "server-only";
import { z } from "zod";
import type { EngineContext } from "@/lib/engine/context";
import { invalidInput, notFound } from "@/lib/errors";
import { Prisma } from "@/prisma/generated/client";
import { type DayRow, dayColumns, daysTable, toDay } from "./day-rows";
import type { ListStatementDaysInput, StatementDayPage } from "./schemas";

const Cursor = z.tuple([z.iso.date(), z.string(), z.string().regex(/^\d{1,19}$/)]);

/** What a statement is made of: agents by the day, in the order of days and names. Throws `not_found`, `invalid_input` for a cursor that is none. */
export async function listStatementDays(ctx: EngineContext, input: ListStatementDaysInput): Promise<StatementDayPage> {
  const { id, cursor, limit } = input;
  const statement = await ctx.db.prisma.statement.findUnique({ where: { id }, select: { state: true } });
  if (!statement) throw notFound("statement");
  const days = daysTable(id, statement.state === "final");
  const wanted = Prisma.sql`(${input.day ?? null}::date is null or d.day = ${input.day ?? null}::date)
    and (${input.agentId ?? null}::uuid is null or d.agent_id = ${input.agentId ?? null}::uuid)`;
  const [rows, [counted]] = await Promise.all([
    ctx.db.prisma.$queryRaw<DayRow[]>`
      select ${dayColumns} from ${days} d where ${wanted} and ${behind(cursor)}
      order by d.day, d.agent_name, d.id limit ${limit + 1}`,
    ctx.db.prisma.$queryRaw<{ count: bigint }[]>`select count(*) from ${days} d where ${wanted}`,
  ]);
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  return {
    items: page.map(toDay),
    nextCursor: rows.length > limit && last ? encode([last.day, last.agentName, String(last.id)]) : null,
    total: Number(counted?.count ?? 0),
  };
}

const encode = (cursor: z.infer<typeof Cursor>): string => Buffer.from(JSON.stringify(cursor)).toString("base64url");

function behind(cursor: string | undefined): Prisma.Sql {
  if (cursor === undefined) return Prisma.sql`true`;
  try {
    const [day, name, id] = Cursor.parse(JSON.parse(Buffer.from(cursor, "base64url").toString("utf8")));
    return Prisma.sql`(d.day, d.agent_name, d.id) > (${day}::date, ${name}, ${id}::bigint)`;
  } catch {
    throw invalidInput("The cursor is not one that this list gave out.");
  }
}
