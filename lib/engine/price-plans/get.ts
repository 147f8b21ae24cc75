import "server-only";
import type { EngineContext } from "@/lib/engine/context";
import { notFound } from "@/lib/errors";
import { toPlan, toVersion, withRates } from "./convert";
import { countTenants, findFrozenMonths, monthNow } from "./find";
import type { PricePlanDetail } from "./schemas";

/** Fifty years of months. */
const VERSIONS_MAX = 600;

/** A plan with its versions, the newest first. Throws `not_found`. */
export async function getPricePlan(ctx: EngineContext, { id }: { id: string }): Promise<PricePlanDetail> {
  const { prisma } = ctx.db;
  const row = await prisma.pricePlan.findUnique({ where: { id } });
  if (!row) throw notFound("price plan");
  const [versions, tenants, frozen] = await Promise.all([
    prisma.pricePlanVersion.findMany({
      where: { planId: id },
      orderBy: { validFrom: "desc" },
      include: withRates,
      take: VERSIONS_MAX,
    }),
    countTenants(prisma, [id], monthNow(ctx.now())),
    findFrozenMonths(prisma, [id]),
  ]);
  const frozenTo = frozen.get(id) ?? null;
  return { ...toPlan(row, tenants.get(id) ?? 0), versions: versions.map((version) => toVersion(version, frozenTo)) };
}
