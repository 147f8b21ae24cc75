import "server-only";
import { Decimal } from "decimal.js";
import type { Tx } from "@/lib/db/client";
import { withTransaction } from "@/lib/db/transaction";
import { writeAudit } from "@/lib/engine/audit";
import type { EngineContext } from "@/lib/engine/context";
import { emitEvent } from "@/lib/engine/events/emit";
import { lockStatements } from "@/lib/engine/statements/lock";
import { METERS } from "@/lib/engine/usage/meters";
import { conflict, invalidInput, notFound } from "@/lib/errors";
import { findFrozenMonths } from "./find";
import { getPricePlan } from "./get";
import type { PlanVersionId, PricePlanDetail, PriceRateInput, SetPlanVersionInput } from "./schemas";

/**
 * Sets the prices that count from a month on, in place of those that were set for the same month before. Drafts follow. Throws
 * `not_found`; `invalid_input` when steps do not begin at 0 or one is there twice; `conflict` ("in-use") when a statement of that
 * month or a later one is final with this plan.
 */
export async function setPlanVersion(ctx: EngineContext, input: SetPlanVersionInput): Promise<PricePlanDetail> {
  const { id, validFrom, minimum, rates } = input;
  assertSteps(rates);
  await withTransaction(ctx.db, async (tx) => {
    await openVersion(tx, input);
    await tx.pricePlanVersion.deleteMany({ where: { planId: id, validFrom } });
    const createdBy = ctx.actor.kind === "account" ? ctx.actor.name : ctx.actor.kind;
    const version = await tx.pricePlanVersion.create({
      data: { planId: id, validFrom, minimum, createdBy, createdAt: ctx.now() },
    });
    await tx.priceRate.createMany({ data: rates.map((rate) => ({ versionId: version.id, ...rate })) });
    await writeAudit(tx, ctx, "price-plan.set-version", id, { validFrom, minimum, rates });
    await emitEvent(tx, "price-plan", id);
  });
  await ctx.enqueue("compute-statements", {}, { key: "all" });
  return getPricePlan(ctx, { id });
}

/** Takes prices back; those of the version before count again. Throws `not_found`, `conflict` ("in-use") as setPlanVersion does. */
export async function deletePlanVersion(ctx: EngineContext, input: PlanVersionId): Promise<PricePlanDetail> {
  const { id, validFrom } = input;
  await withTransaction(ctx.db, async (tx) => {
    await openVersion(tx, input);
    const { count } = await tx.pricePlanVersion.deleteMany({ where: { planId: id, validFrom } });
    if (count === 0) throw notFound("version of this price plan");
    await writeAudit(tx, ctx, "price-plan.delete-version", id, { validFrom });
    await emitEvent(tx, "price-plan", id);
  });
  await ctx.enqueue("compute-statements", {}, { key: "all" });
  return getPricePlan(ctx, { id });
}

async function openVersion(tx: Tx, { id, validFrom }: PlanVersionId): Promise<void> {
  await lockStatements(tx);
  if (!(await tx.pricePlan.findUnique({ where: { id }, select: { id: true } }))) throw notFound("price plan");
  const frozenTo = (await findFrozenMonths(tx, [id])).get(id);
  if (frozenTo !== undefined && validFrom <= frozenTo)
    throw conflict(
      `Statements up to ${frozenTo} are final with this plan, so prices from ${validFrom} on do not change any more. Set prices from a later month on.`,
      "in-use",
    );
}

function assertSteps(rates: readonly PriceRateInput[]): void {
  for (const meter of METERS) {
    const steps = rates.filter((rate) => rate.meter === meter).map(({ fromQuantity }) => new Decimal(fromQuantity));
    if (steps.length === 0) continue;
    if (!steps.some((step) => step.isZero())) throw invalidInput(`The first step of "${meter}" has to begin at 0.`);
    if (new Set(steps.map((step) => step.toFixed())).size < steps.length)
      throw invalidInput(`Two steps of "${meter}" begin at the same quantity.`);
  }
}
