import "server-only";
import type { EngineContext } from "@/lib/engine/context";
import { behindName, toNamePage } from "@/lib/engine/name-cursor";
import { toPlan, toVersion, withRates } from "./convert";
import { countTenants, findCurrentVersions, findFrozenMonths, monthNow } from "./find";
import type { ListPricePlansInput, PricePlanPage } from "./schemas";

/** Plans by name, with the prices of this month. Throws `invalid_input` for a cursor that is none. */
export async function listPricePlans(
  ctx: EngineContext,
  { cursor, limit, retired }: ListPricePlansInput,
): Promise<PricePlanPage> {
  const { prisma } = ctx.db;
  const where = retired === "true" ? {} : { retiredAt: null };
  const [rows, total] = await Promise.all([
    prisma.pricePlan.findMany({
      where: { AND: [where, behindName(cursor)] },
      orderBy: [{ name: "asc" }, { id: "asc" }],
      take: limit + 1,
    }),
    prisma.pricePlan.count({ where }),
  ]);
  const ids = rows.map(({ id }) => id);
  const month = monthNow(ctx.now());
  const [tenants, frozen, current] = await Promise.all([
    countTenants(prisma, ids, month),
    findFrozenMonths(prisma, ids),
    findCurrentVersions(prisma, ids, month),
  ]);
  const versions = await prisma.pricePlanVersion.findMany({ where: { id: { in: current } }, include: withRates });
  const items = rows.map((row) => {
    const version = versions.find(({ planId }) => planId === row.id);
    const frozenTo = frozen.get(row.id) ?? null;
    return { ...toPlan(row, tenants.get(row.id) ?? 0), version: version ? toVersion(version, frozenTo) : null };
  });
  return toNamePage(items, limit, total);
}
