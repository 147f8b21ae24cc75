import "server-only";
import type { EngineContext } from "@/lib/engine/context";
import { Id } from "@/lib/engine/schemas";
import { invalidInput } from "@/lib/errors";
import type { Prisma } from "@/prisma/generated/client";
import { toAlert } from "./convert";
import type { AlertCounts, AlertPage, ListAlertsInput } from "./schemas";

/** A page of alerts, the newest first. */
export async function listAlerts(ctx: EngineContext, input: ListAlertsInput): Promise<AlertPage> {
  const where: Prisma.AlertWhereInput = {
    ...inState(input.state),
    severity: input.severity,
    kind: input.kind,
    subjectId: input.subjectId,
    tenantId: input.tenantId,
  };
  const after = readCursor(input.cursor);
  const behind = after
    ? { OR: [{ raisedAt: { lt: after.raisedAt } }, { raisedAt: after.raisedAt, id: { lt: after.id } }] }
    : {};
  const [rows, total] = await Promise.all([
    ctx.db.prisma.alert.findMany({
      where: { AND: [where, behind] },
      orderBy: [{ raisedAt: "desc" }, { id: "desc" }],
      take: input.limit + 1,
    }),
    ctx.db.prisma.alert.count({ where }),
  ]);
  const items = rows.slice(0, input.limit).map(toAlert);
  const last = items.at(-1);
  return { items, nextCursor: rows.length > input.limit && last ? `${last.raisedAt}~${last.id}` : null, total };
}

/** How many alerts wait for somebody, and how many are seen to. */
export async function countAlerts(ctx: EngineContext, _input: object): Promise<AlertCounts> {
  const [row] = await ctx.db.prisma.$queryRaw<Record<keyof AlertCounts, bigint>[]>`
    select count(*) filter (where acknowledged_at is null) as "open",
      count(*) filter (where acknowledged_at is null and severity = 'critical') as "openCritical",
      count(*) filter (where acknowledged_at is not null) as "acknowledged"
    from alert where cleared_at is null`;
  return {
    open: Number(row?.open ?? 0),
    openCritical: Number(row?.openCritical ?? 0),
    acknowledged: Number(row?.acknowledged ?? 0),
  };
}

function inState(state: ListAlertsInput["state"]): Prisma.AlertWhereInput {
  switch (state) {
    case undefined:
      return {};
    case "open":
      return { clearedAt: null, acknowledgedAt: null };
    case "acknowledged":
      return { clearedAt: null, acknowledgedAt: { not: null } };
    case "current":
      return { clearedAt: null };
    case "cleared":
      return { clearedAt: { not: null } };
    default:
      return state satisfies never;
  }
}

function readCursor(cursor: string | undefined): { raisedAt: Date; id: string } | null {
  if (cursor === undefined) return null;
  const [at = "", id = ""] = cursor.split("~");
  const raisedAt = new Date(at);
  if (Number.isNaN(raisedAt.getTime()) || !Id.safeParse(id).success)
    throw invalidInput("The cursor is not one that this list gave out.");
  return { raisedAt, id };
}
