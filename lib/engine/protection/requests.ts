import "server-only";
import type { EngineContext } from "@/lib/engine/context";
import { readIdCursor } from "@/lib/engine/id-cursor";
import { notFound } from "@/lib/errors";
import type { Prisma, TwoPersonRequest as Row } from "@/prisma/generated/client";
import { actionOf, PROTECTION_RULES, type ProtectedAction } from "./actions";
import type { ListTwoPersonRequestsInput, TwoPersonRequest } from "./schemas";

/** Not ended: it waits for a second person, or for being done. */
export const OPEN = ["waiting", "approved"] as const;

/** Requests, newest first; `open` ones are those that something can still become of. */
export async function listTwoPersonRequests(
  ctx: EngineContext,
  { state, cursor, limit }: ListTwoPersonRequestsInput,
): Promise<{ items: TwoPersonRequest[]; nextCursor: string | null; total: number }> {
  const open = { in: [...OPEN] };
  const where: Prisma.TwoPersonRequestWhereInput = state
    ? { state: state === "open" ? open : { notIn: [...OPEN] } }
    : {};
  const [rows, total] = await Promise.all([
    ctx.db.prisma.twoPersonRequest.findMany({
      where: { ...where, id: { lt: readIdCursor(cursor) } },
      orderBy: { id: "desc" },
      take: limit + 1,
    }),
    ctx.db.prisma.twoPersonRequest.count({ where }),
  ]);
  const shown = rows.slice(0, limit);
  const items = await toRequests(ctx, shown);
  return { items, nextCursor: rows.length > limit ? (items.at(-1)?.id ?? null) : null, total };
}

/** One of them. Throws not_found, also for one of another tenant. */
export async function getTwoPersonRequest(ctx: EngineContext, { id }: { id: string }): Promise<TwoPersonRequest> {
  const row = await ctx.db.prisma.twoPersonRequest.findUnique({ where: { id } });
  const [request] = row ? await toRequests(ctx, [row]) : [];
  if (!request) throw notFound("two-person request");
  return request;
}

/** May the caller be the second person of this one? Being there, and in time, is asked for beside. */
export function mayAgree(ctx: EngineContext, row: Pick<Row, "action" | "requestedById" | "tenantId">): boolean {
  const { actor } = ctx;
  if (actor.kind !== "account" || actor.accountId === row.requestedById) return false;
  const agreers: readonly string[] = PROTECTION_RULES[actionOf(row.action as ProtectedAction).rule].agreers;
  const reaches = !actor.tenantIds || (row.tenantId !== null && actor.tenantIds.includes(row.tenantId));
  return reaches && agreers.includes(actor.role);
}

async function toRequests(ctx: EngineContext, rows: readonly Row[]): Promise<TwoPersonRequest[]> {
  const tenantIds = [...new Set(rows.flatMap(({ tenantId }) => (tenantId === null ? [] : [tenantId])))];
  const tenants = await ctx.db.prisma.tenant.findMany({
    where: { id: { in: tenantIds } },
    select: { id: true, name: true },
  });
  const byId = new Map(tenants.map((tenant) => [tenant.id, tenant]));
  return rows.map((row) => toRequest(ctx, row, byId.get(row.tenantId ?? "") ?? null));
}

function toRequest(ctx: EngineContext, row: Row, tenant: { id: string; name: string } | null): TwoPersonRequest {
  // The column holds what the guard wrote.
  const { rule, doneBy } = actionOf(row.action as ProtectedAction);
  const { title, agreers } = PROTECTION_RULES[rule];
  const { actor } = ctx;
  return {
    id: row.id,
    action: row.action,
    rule,
    ruleTitle: title,
    title: row.title,
    subject: { kind: row.subjectKind, id: row.subjectId },
    tenant,
    state: row.state,
    requestedBy: { id: row.requestedById, name: row.requestedBy },
    door: row.door,
    reason: row.reason,
    createdAt: row.createdAt.toISOString(),
    expiresAt: row.expiresAt.toISOString(),
    agreers: [...agreers],
    doneBy,
    decidedBy: row.decidedBy,
    decidedAt: row.decidedAt?.toISOString() ?? null,
    message: row.message,
    endedAt: row.endedAt?.toISOString() ?? null,
    isMine: actor.kind === "account" && actor.accountId === row.requestedById,
    mayAgree: row.state === "waiting" && mayAgree(ctx, row),
  };
}
