import "server-only";
import type { z } from "zod";
import type { EngineContext } from "@/lib/engine/context";
import { page } from "@/lib/engine/schemas";
import { invalidInput } from "@/lib/errors";
import { Prisma } from "@/prisma/generated/client";
import { type SessionRow, sessionQuery, toSessionSummary } from "./query";
import { type ListSessionsInput, SessionSummary } from "./schemas";

export const SessionPage = page(SessionSummary);
export type SessionPage = z.infer<typeof SessionPage>;

/** A page of replication sessions by agent name, each with its newest run. The cursor is name and id of the last one before. */
export async function listSessions(ctx: EngineContext, input: ListSessionsInput): Promise<SessionPage> {
  const where = Prisma.sql`(${input.state ?? null}::session_state is null or s.state = ${input.state ?? null}::session_state)
    and (${input.agentId ?? null}::uuid is null or s.agent_id = ${input.agentId ?? null}::uuid)`;
  const after = readCursor(input.cursor);
  const behind = after ? Prisma.sql`(a.name, s.id) > (${after.name}, ${after.id}::uuid)` : Prisma.sql`true`;
  const rows = await ctx.db.prisma.$queryRaw<SessionRow[]>(
    sessionQuery(Prisma.sql`
      select s.* from replication_session s join agent a on a.id = s.agent_id
      where ${where} and ${behind} order by a.name, s.id limit ${input.limit + 1}`),
  );
  const [counted] = await ctx.db.prisma.$queryRaw<{ total: bigint }[]>`
    select count(*) as total from replication_session s where ${where}`;
  const items = await withRuns(ctx, rows.slice(0, input.limit));
  const last = items.at(-1);
  return {
    items,
    nextCursor:
      rows.length > input.limit && last ? Buffer.from(`${last.id}${last.agent.name}`).toString("base64url") : null,
    total: Number(counted?.total ?? 0),
  };
}

/** Sessions with their newest runs, in one query for all runs. */
export async function withRuns(ctx: EngineContext, rows: SessionRow[]): Promise<SessionSummary[]> {
  const ids = rows.flatMap((row) => row.run_id ?? []);
  const runs = await ctx.db.prisma.run.findMany({ where: { id: { in: ids } } });
  const byId = new Map(runs.map((run) => [run.id, run]));
  return rows.map((row) => toSessionSummary(row, byId.get(row.run_id ?? "") ?? null, ctx.now()));
}

function readCursor(cursor: string | undefined): { id: string; name: string } | null {
  if (cursor === undefined) return null;
  const text = Buffer.from(cursor, "base64url").toString("utf8");
  const id = text.slice(0, 36);
  if (!/^[0-9a-f-]{36}$/.test(id)) throw invalidInput("The cursor is not one that this list gave out.");
  return { id, name: text.slice(36) };
}
