import "server-only";
import type { Tx } from "@/lib/db/client";
import { withTransaction } from "@/lib/db/transaction";
import { writeAudit } from "@/lib/engine/audit";
import type { EngineContext } from "@/lib/engine/context";
import { emitEvent } from "@/lib/engine/events/emit";
import { lockStatements } from "@/lib/engine/statements/lock";
import { monthAt } from "@/lib/engine/usage/calendar";
import { conflict, notFound } from "@/lib/errors";
import type { AssignPlanInput, TenantPlan, TenantPlanId, TenantPlans } from "./schemas";

/** Fifty years of months. */
const PLANS_MAX = 600;

/** A tenant's plans, the newest first. Throws `not_found`. */
export async function listTenantPlans(ctx: EngineContext, { tenantId }: { tenantId: string }): Promise<TenantPlans> {
  const { prisma } = ctx.db;
  const [tenant, rows, frozenTo] = await Promise.all([
    prisma.tenant.findUnique({ where: { id: tenantId }, select: { timeZone: true } }),
    prisma.tenantPlan.findMany({
      where: { tenantId },
      orderBy: { validFrom: "desc" },
      include: { plan: { select: { name: true, currency: true } } },
      take: PLANS_MAX,
    }),
    findFrozenMonth(prisma, tenantId),
  ]);
  if (!tenant) throw notFound("tenant");
  const plans = rows.map(
    ({ plan, ...row }): TenantPlan => ({
      tenantId: row.tenantId,
      validFrom: row.validFrom,
      planId: row.planId,
      planName: plan.name,
      currency: plan.currency,
      isFrozen: frozenTo !== null && row.validFrom <= frozenTo,
      createdBy: row.createdBy,
      createdAt: row.createdAt.toISOString(),
    }),
  );
  const month = monthAt(tenant.timeZone, ctx.now());
  return { plans, current: plans.find(({ validFrom }) => validFrom <= month) ?? null };
}

/**
 * Gives a tenant a plan from a month on, in place of one that was given for the same month before. Drafts follow. Throws `not_found`;
 * `conflict` ("in-use") when a statement of that month or a later one is final, ("wrong-state") for a plan that is retired.
 */
export async function assignPlan(ctx: EngineContext, input: AssignPlanInput): Promise<TenantPlans> {
  const { tenantId, validFrom, planId } = input;
  await change(ctx, input, async (tx) => {
    const plan = await tx.pricePlan.findUnique({ where: { id: planId } });
    if (!plan) throw notFound("price plan");
    if (plan.retiredAt)
      throw conflict(`${plan.name} is retired. Offer it again first, or choose another plan.`, "wrong-state");
    const createdBy = ctx.actor.kind === "account" ? ctx.actor.name : ctx.actor.kind;
    const data = { planId, createdBy, createdAt: ctx.now() };
    const where = { tenantId_validFrom: { tenantId, validFrom } };
    await tx.tenantPlan.upsert({ where, create: { tenantId, validFrom, ...data }, update: data });
    await writeAudit(tx, ctx, "tenant.assign-plan", tenantId, { validFrom, planId, planName: plan.name });
  });
  return listTenantPlans(ctx, { tenantId });
}

/** Takes a plan back; the one before counts again. Throws `not_found`, `conflict` ("in-use") as assignPlan does. */
export async function removeTenantPlan(ctx: EngineContext, input: TenantPlanId): Promise<TenantPlans> {
  const { tenantId, validFrom } = input;
  await change(ctx, input, async (tx) => {
    const { count } = await tx.tenantPlan.deleteMany({ where: { tenantId, validFrom } });
    if (count === 0) throw notFound("plan of this tenant");
    await writeAudit(tx, ctx, "tenant.remove-plan", tenantId, { validFrom });
  });
  return listTenantPlans(ctx, { tenantId });
}

async function change(
  ctx: EngineContext,
  { tenantId, validFrom }: TenantPlanId,
  work: (tx: Tx) => Promise<void>,
): Promise<void> {
  await withTransaction(ctx.db, async (tx) => {
    await lockStatements(tx);
    if (!(await tx.tenant.findUnique({ where: { id: tenantId }, select: { id: true } }))) throw notFound("tenant");
    const frozenTo = await findFrozenMonth(tx, tenantId);
    if (frozenTo !== null && validFrom <= frozenTo)
      throw conflict(`The tenant's statement of ${frozenTo} is final. Choose a later month.`, "in-use");
    await work(tx);
    await emitEvent(tx, "price-plan", tenantId);
  });
  await ctx.enqueue("compute-statements", {}, { key: "all" });
}

/** The last month of the tenant whose statement is final. */
async function findFrozenMonth(tx: Pick<Tx, "statement">, tenantId: string): Promise<string | null> {
  const { _max } = await tx.statement.aggregate({ where: { tenantId, state: "final" }, _max: { month: true } });
  return _max.month;
}
