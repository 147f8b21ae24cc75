import "server-only";
import { z } from "zod";
import type { EngineContext } from "@/lib/engine/context";
import { invalidInput } from "@/lib/errors";
import { Prisma } from "@/prisma/generated/client";
import type { ListUsageDaysInput, UsageDayPage, UsageDayReport } from "./schemas";
import { isWhose } from "./whose";

const Cursor = z.tuple([z.iso.date(), z.string(), z.string().regex(/^\d{1,19}$/)]);

type Large = "transferredBytes" | "protectedBytesMax" | "storedBytesMax" | "protectedBytesLast" | "storedBytesLast";
type Row = Omit<UsageDayReport, "id" | "beginsAt" | "endsAt" | Large> &
  Record<Large, bigint> & { id: bigint; beginsAt: Date; endsAt: Date };

/** Agents by the day, the newest day first, then by name. Throws `invalid_input` for a cursor that is none. */
export async function listUsageDays(ctx: EngineContext, input: ListUsageDaysInput): Promise<UsageDayPage> {
  const { cursor, limit } = input;
  const wanted = Prisma.sql`d.day between ${input.from}::date and ${input.to}::date and ${isWhose(input)}`;
  const [rows, [counted]] = await Promise.all([
    readDays(ctx, Prisma.sql`${wanted} and ${behind(cursor)}`, limit + 1),
    ctx.db.prisma.$queryRaw<{ count: bigint }[]>`select count(*) from usage_day d where ${wanted}`,
  ]);
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  const nextCursor = rows.length > limit && last ? encode([last.day, last.agentName, last.id]) : null;
  return { items, nextCursor, total: Number(counted?.count ?? 0) };
}

/** Rows of the roll-up (as d) with their names. */
export async function readDays(ctx: EngineContext, wanted: Prisma.Sql, limit: number): Promise<UsageDayReport[]> {
  const rows = await ctx.db.prisma.$queryRaw<Row[]>`
    select d.id, d.day::text as day, d.time_zone as "timeZone", d.begins_at as "beginsAt", d.ends_at as "endsAt",
      d.tenant_id as "tenantId", coalesce(t.name, '') as "tenantName", d.agent_id as "agentId", d.agent_name as "agentName",
      d.repository_id as "repositoryId", coalesce(r.name, '') as "repositoryName", d.pairing_id as "pairingId",
      coalesce(p.peer_name, '') as "sourceName", d.measured_seconds as "measuredSeconds", d.missing_seconds as "missingSeconds",
      d.agent_seconds as "agentSeconds", d.protected_byte_seconds::text as "protectedByteSeconds",
      d.stored_byte_seconds::text as "storedByteSeconds", d.transferred_bytes as "transferredBytes",
      d.protected_bytes_max as "protectedBytesMax", d.stored_bytes_max as "storedBytesMax",
      d.recovery_points_max as "recoveryPointsMax", d.protected_bytes_last as "protectedBytesLast",
      d.stored_bytes_last as "storedBytesLast", d.recovery_points_last as "recoveryPointsLast",
      coalesce(m.final_to >= d.ends_at, false) as "isFinal"
    from usage_day d left join tenant t on t.id = d.tenant_id left join repository r on r.id = d.repository_id
    left join pairing p on p.id = d.pairing_id
    left join usage_month m on m.tenant_id = d.tenant_id and m.month = to_char(d.day, 'YYYY-MM')
    where ${wanted} order by d.day desc, d.agent_name, d.id limit ${limit}`;
  return rows.map((row) => ({
    ...row,
    id: String(row.id),
    beginsAt: row.beginsAt.toISOString(),
    endsAt: row.endsAt.toISOString(),
    transferredBytes: Number(row.transferredBytes),
    protectedBytesMax: Number(row.protectedBytesMax),
    storedBytesMax: Number(row.storedBytesMax),
    protectedBytesLast: Number(row.protectedBytesLast),
    storedBytesLast: Number(row.storedBytesLast),
  }));
}

const encode = (cursor: z.infer<typeof Cursor>): string => Buffer.from(JSON.stringify(cursor)).toString("base64url");

function behind(cursor: string | undefined): Prisma.Sql {
  if (cursor === undefined) return Prisma.sql`true`;
  try {
    const [day, name, id] = Cursor.parse(JSON.parse(Buffer.from(cursor, "base64url").toString("utf8")));
    return Prisma.sql`(d.day < ${day}::date or (d.day = ${day}::date and (d.agent_name, d.id) > (${name}, ${id}::bigint)))`;
  } catch {
    throw invalidInput("The cursor is not one that this list gave out.");
  }
}
