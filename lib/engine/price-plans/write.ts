import "server-only";
import type { Tx } from "@/lib/db/client";
import { withTransaction } from "@/lib/db/transaction";
import { writeAudit } from "@/lib/engine/audit";
import type { EngineContext } from "@/lib/engine/context";
import { emitEvent } from "@/lib/engine/events/emit";
import { isCurrency } from "@/lib/engine/statements/currency";
import { lockStatements } from "@/lib/engine/statements/lock";
import { conflict, invalidInput, notFound } from "@/lib/errors";
import { getPricePlan } from "./get";
import type { CreatePricePlanInput, PricePlanDetail, UpdatePricePlanInput } from "./schemas";

/** Makes a plan without prices. Throws `conflict` ("exists") for a name that is taken, `invalid_input` for a currency that there is not. */
export async function createPricePlan(ctx: EngineContext, input: CreatePricePlanInput): Promise<PricePlanDetail> {
  if (!isCurrency(input.currency)) throw invalidInput(`${input.currency} is not a currency of ISO 4217.`);
  const id = await withTransaction(ctx.db, async (tx) => {
    // One at a time, so that of two plans with one name the second hears of the first.
    await lockStatements(tx);
    await assertNameFree(tx, input.name);
    const plan = await tx.pricePlan.create({ data: { ...input, createdAt: ctx.now() } });
    await writeAudit(tx, ctx, "price-plan.create", plan.id, { name: plan.name, currency: plan.currency });
    await emitEvent(tx, "price-plan", plan.id);
    return plan.id;
  });
  return getPricePlan(ctx, { id });
}

/** Renames a plan, describes it, or offers it to nobody any more; who has it keeps it. Throws `not_found`, `conflict` ("exists"). */
export async function updatePricePlan(ctx: EngineContext, input: UpdatePricePlanInput): Promise<PricePlanDetail> {
  const { id, name, description, isRetired } = input;
  await withTransaction(ctx.db, async (tx) => {
    await lockStatements(tx);
    const plan = await tx.pricePlan.findUnique({ where: { id } });
    if (!plan) throw notFound("price plan");
    if (name !== undefined && name !== plan.name) await assertNameFree(tx, name);
    const retiredAt = isRetired === undefined ? undefined : isRetired ? (plan.retiredAt ?? ctx.now()) : null;
    await tx.pricePlan.update({ where: { id }, data: { name, description, retiredAt } });
    await writeAudit(tx, ctx, "price-plan.update", id, { name: name ?? plan.name, isRetired: isRetired ?? null });
    await emitEvent(tx, "price-plan", id);
  });
  return getPricePlan(ctx, { id });
}

async function assertNameFree(tx: Tx, name: string): Promise<void> {
  if (await tx.pricePlan.findUnique({ where: { name }, select: { id: true } }))
    throw conflict(`There is a price plan named ${name} already. Choose another name.`, "exists");
}
