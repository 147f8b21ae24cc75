import "server-only";
import { Decimal } from "decimal.js";
import { withTransaction } from "@/lib/db/transaction";
import { writeAudit } from "@/lib/engine/audit";
import { actorName, type EngineContext } from "@/lib/engine/context";
import { emitEvent } from "@/lib/engine/events/emit";
import { readIdCursor } from "@/lib/engine/id-cursor";
import { lockStatements } from "@/lib/engine/statements/lock";
import { invalidInput, notFound } from "@/lib/errors";
import type { UsageCorrection } from "@/prisma/generated/client";
import { monthAt } from "./calendar";
import { METER_UNITS } from "./meters";
import type { AddCorrectionInput, Correction, CorrectionPage, ListCorrectionsInput } from "./schemas";

/**
 * Corrects a tenant's usage of a month: a row of its own beside the ledger, never edited. It stands in the draft of that month, or,
 * when that statement is final, in the first draft behind it. Throws `not_found` for a tenant, or an agent that never was one of its;
 * `invalid_input` for nothing, or for a month that is yet to come.
 */
export async function addCorrection(ctx: EngineContext, input: AddCorrectionInput): Promise<Correction> {
  const { tenantId, agentId, month, meter, quantity, reason } = input;
  if (new Decimal(quantity).isZero()) throw invalidInput("A correction by nothing corrects nothing.");
  const row = await withTransaction(ctx.db, async (tx) => {
    await lockStatements(tx);
    const tenant = await tx.tenant.findUnique({ where: { id: tenantId }, select: { timeZone: true } });
    if (!tenant) throw notFound("tenant");
    if (agentId && !(await tx.usageEntry.findFirst({ where: { tenantId, agentId }, select: { id: true } })))
      throw notFound("agent of this tenant");
    if (month > monthAt(tenant.timeZone, ctx.now()))
      throw invalidInput(`${month} has not begun. Correct it when it has.`);
    const data = { tenantId, agentId, month, meter, quantity, reason, createdAt: ctx.now() };
    const made = await tx.usageCorrection.create({ data: { ...data, createdBy: actorName(ctx.actor) } });
    await writeAudit(tx, ctx, "usage.correct", tenantId, { month, meter, quantity, reason, agentId: agentId ?? null });
    await emitEvent(tx, "usage", tenantId);
    return made;
  });
  await ctx.enqueue("compute-statements", {}, { key: "all" });
  const [correction] = await withNames(ctx, [row]);
  if (!correction) throw notFound("correction");
  return correction;
}

/** Corrections, the newest first. Throws `invalid_input` for a cursor that is none. */
export async function listCorrections(ctx: EngineContext, input: ListCorrectionsInput): Promise<CorrectionPage> {
  const { cursor, limit, tenantId, month } = input;
  const behind = readIdCursor(cursor);
  const where = { tenantId, month };
  const [rows, total] = await Promise.all([
    ctx.db.prisma.usageCorrection.findMany({
      where: { ...where, id: behind ? { lt: behind } : undefined },
      orderBy: { id: "desc" },
      take: limit + 1,
    }),
    ctx.db.prisma.usageCorrection.count({ where }),
  ]);
  const items = await withNames(ctx, rows.slice(0, limit));
  return { items, nextCursor: rows.length > limit ? (items.at(-1)?.id ?? null) : null, total };
}

async function withNames(ctx: EngineContext, rows: readonly UsageCorrection[]): Promise<Correction[]> {
  const { prisma } = ctx.db;
  const ids = rows.map(({ id }) => id);
  const agentIds = rows.flatMap(({ agentId }) => agentId ?? []);
  const [tenants, agents, lines] = await Promise.all([
    prisma.tenant.findMany({
      where: { id: { in: rows.map(({ tenantId }) => tenantId) } },
      select: { id: true, name: true },
    }),
    prisma.$queryRaw<{ id: string; name: string }[]>`
      select distinct on (agent_id) agent_id as id, agent_name as name from usage_entry
      where agent_id = any(${agentIds}::uuid[]) order by agent_id, at desc`,
    prisma.statementLine.findMany({
      where: { correctionId: { in: ids }, statement: { state: "final" } },
      select: { correctionId: true, statementId: true },
    }),
  ]);
  return rows.map((row) => ({
    id: row.id,
    tenantId: row.tenantId,
    tenantName: tenants.find(({ id }) => id === row.tenantId)?.name ?? "",
    agentId: row.agentId,
    agentName: agents.find(({ id }) => id === row.agentId)?.name ?? null,
    month: row.month,
    meter: row.meter,
    quantity: row.quantity.toFixed(),
    unit: METER_UNITS[row.meter],
    reason: row.reason,
    createdBy: row.createdBy,
    createdAt: row.createdAt.toISOString(),
    statementId: lines.find(({ correctionId }) => correctionId === row.id)?.statementId ?? null,
  }));
}
