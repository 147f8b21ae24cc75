import "server-only";
import { z } from "zod";
import type { EngineContext } from "@/lib/engine/context";
import { invalidInput } from "@/lib/errors";
import { Prisma } from "@/prisma/generated/client";
import type { AgentSummary, ListAgentsInput } from "./schemas";
import { agentSummaries } from "./summaries";

/** Name and id of the last agent of the page before. */
const Cursor = z.tuple([z.string(), z.uuid()]);

/** A page of agents by name. Throws `invalid_input` for a cursor that is none. */
export async function listAgents(ctx: EngineContext, input: ListAgentsInput) {
  const filter = filterOf(input);
  const where = input.cursor
    ? Prisma.sql`${filter} and (name, id) > (${readCursor(input.cursor)[0]}, ${readCursor(input.cursor)[1]}::uuid)`
    : filter;
  const [counted, found] = await Promise.all([
    ctx.db.prisma.$queryRaw<[{ total: bigint }]>`select count(*) as total from agent where ${filter}`,
    agentSummaries(ctx, where, input.limit + 1),
  ]);
  const items = found.slice(0, input.limit);
  const last = items.at(-1);
  const nextCursor = found.length > input.limit && last ? toCursor(last) : null;
  return { items, nextCursor, total: Number(counted[0].total) };
}

function filterOf({ search, origin, tenantId }: ListAgentsInput): Prisma.Sql {
  const conditions = [Prisma.sql`true`];
  if (origin === "local") conditions.push(Prisma.sql`pairing_id is null and kind = 'machine'`);
  if (origin === "replicated") conditions.push(Prisma.sql`pairing_id is not null`);
  if (tenantId) conditions.push(Prisma.sql`tenant_id = ${tenantId}::uuid`);
  if (search) {
    const pattern = `%${search.replace(/[\\%_]/g, "\\$&")}%`;
    conditions.push(Prisma.sql`(name ilike ${pattern} or host_name ilike ${pattern})`);
  }
  return Prisma.join(conditions, " and ");
}

const toCursor = ({ name, id }: AgentSummary): string =>
  Buffer.from(JSON.stringify([name, id] satisfies z.infer<typeof Cursor>)).toString("base64url");

function readCursor(cursor: string): z.infer<typeof Cursor> {
  try {
    return Cursor.parse(JSON.parse(Buffer.from(cursor, "base64url").toString("utf8")));
  } catch {
    throw invalidInput("This cursor is none of ours.");
  }
}
