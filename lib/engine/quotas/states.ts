import "server-only";
import type { EngineContext } from "@/lib/engine/context";
import { worse } from "./judge";
import { reportQuotas } from "./report";
import type { QuotaState } from "./schemas";

/** The worse state of each tenant's quotas, for lists; of tenants without a quota nothing is counted. */
export async function tenantQuotaStates(ctx: EngineContext, ids: readonly string[]): Promise<Map<string, QuotaState>> {
  const limited = await ctx.db.prisma.quota.findMany({
    where: { subjectId: { in: [...ids] } },
    select: { subjectId: true },
    distinct: ["subjectId"],
  });
  const reports = await reportQuotas(
    ctx,
    "tenant",
    limited.map(({ subjectId }) => subjectId),
    { predicts: false },
  );
  const worst = (id: string) =>
    (reports.get(id) ?? []).reduce<QuotaState>((state, report) => worse(state, report.state), "none");
  return new Map(ids.map((id) => [id, worst(id)]));
}
