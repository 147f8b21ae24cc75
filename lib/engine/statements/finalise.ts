import "server-only";
import type { Tx } from "@/lib/db/client";
import { withTransaction } from "@/lib/db/transaction";
import { writeAudit } from "@/lib/engine/audit";
import { actorName, type EngineContext } from "@/lib/engine/context";
import { emitEvent } from "@/lib/engine/events/emit";
import { queueStatement } from "@/lib/engine/statement-mail/queue";
import { rollUpTenant } from "@/lib/engine/usage/roll-up";
import { conflict, notFound } from "@/lib/errors";
import type { Statement } from "@/prisma/generated/client";
import { computeDrafts, saveDrafts } from "./drafts";
import { getStatement } from "./get";
import { lockStatements } from "./lock";
import type { StatementDetail } from "./schemas";

/** The days of ten thousand agents are copied within it. */
const TIMEOUT_MS = 300_000;

/**
 * Computes a statement a last time, gives it the next number and freezes it with its lines and its days: none of that ever changes
 * again, whatever comes to the ledger, the prices or the corrections. May be repeated and called several times at once: it is final
 * once, with one number, and mailed once to its tenant's addresses. Throws `not_found`, and `conflict` ("not-over", "not-measured") while the month is not over or nothing was
 * measured behind its end, so that a gap could still be unknown.
 */
export async function finaliseStatement(ctx: EngineContext, { id }: { id: string }): Promise<StatementDetail> {
  const statement = await ctx.db.prisma.statement.findUnique({ where: { id } });
  if (!statement) throw notFound("statement");
  if (statement.state !== "final") {
    await assertOver(ctx, statement);
    await rollUpTenant(ctx, statement.tenantId, statement.endsAt);
    await withTransaction(ctx.db, (tx) => freeze(tx, ctx, id), TIMEOUT_MS);
    // Lost, it is asked for again within a minute.
    await ctx.enqueue("deliver", {}, { key: "all" });
  }
  return getStatement(ctx, { id });
}

async function assertOver(ctx: EngineContext, { endsAt, month }: Statement): Promise<void> {
  if (endsAt > ctx.now())
    throw conflict(`${month} is not over in the tenant's time zone. Finalise its statement when it is.`, "not-over");
  const behind = await ctx.db.prisma.usageMeasurement.findFirst({
    where: { at: { gte: endsAt } },
    select: { id: true },
  });
  if (!behind)
    throw conflict(
      `Nothing was measured since ${month} ended, so its last hours are not known. It is measured every ten minutes while the worker runs.`,
      "not-measured",
    );
}

async function freeze(tx: Tx, ctx: EngineContext, id: string): Promise<void> {
  await lockStatements(tx);
  const { state, tenantId, month } = await tx.statement.findUniqueOrThrow({ where: { id } });
  // Somebody else was first.
  if (state === "final") return;
  const drafts = await computeDrafts(tx, [{ tenantId, month }]);
  await saveDrafts(tx, drafts, ctx.now());
  await copyDays(tx, id);
  const highest = await tx.statement.aggregate({ _max: { number: true } });
  const number = (highest._max.number ?? 0) + 1;
  const finalisedBy = actorName(ctx.actor);
  const { total, currency, tenantName } = await tx.statement.update({
    where: { id },
    data: { state: "final", number, finalisedAt: ctx.now(), finalisedBy },
  });
  await queueStatement(tx, ctx, { id, tenantId, tenantName, month });
  await writeAudit(tx, ctx, "statement.finalise", id, { number, month, tenantName, total: total.toFixed(), currency });
  await emitEvent(tx, "statement", id);
}

/** The days as the roll-up has them, with the names of today and with what sources said. */
async function copyDays(tx: Tx, id: string): Promise<void> {
  await tx.statementDay.deleteMany({ where: { statementId: id } });
  await tx.$executeRaw`
    insert into statement_day (statement_id, day, agent_id, agent_name, repository_id, repository_name, source_name,
      measured_seconds, missing_seconds, agent_seconds, protected_byte_seconds, stored_byte_seconds, transferred_bytes,
      recovery_points_max, reported_bytes)
    select s.id, d.day, d.agent_id, d.agent_name, d.repository_id, coalesce(r.name, ''), coalesce(p.peer_name, ''),
      d.measured_seconds, d.missing_seconds, d.agent_seconds, d.protected_byte_seconds, d.stored_byte_seconds, d.transferred_bytes,
      d.recovery_points_max, case when d.pairing_id is not null then (
        select max(e.protected_bytes) from usage_entry e
        where e.agent_id = d.agent_id and e.origin = 'reported' and e.at >= d.begins_at and e.at < d.ends_at) end
    from statement s join usage_day d on d.tenant_id = s.tenant_id and d.day >= (s.month || '-01')::date
      and d.day < (s.month || '-01')::date + interval '1 month'
    left join repository r on r.id = d.repository_id left join pairing p on p.id = d.pairing_id
    where s.id = ${id}::uuid order by d.day, d.agent_name, d.agent_id`;
}
