import "server-only";
import type { EngineContext } from "@/lib/engine/context";
import type { Quota } from "@/prisma/generated/client";
import { limitsOf } from "./find";
import { readHistory } from "./history";
import { type Limits, limitOf, stateOf } from "./judge";
import { predictExhaustion } from "./predict";
import type { QuotaReport } from "./schemas";
import { usedBytes } from "./used";

const METERS = ["stored", "protected"] as const;

/**
 * How these tenants or agents stand with their quotas, both meters of each. Five questions, however many; the ledger is asked only
 * about those that have a quota, and only when a prediction is wanted.
 */
export async function reportQuotas(
  ctx: EngineContext,
  of: "tenant" | "agent",
  ids: readonly string[],
  { predicts = true }: { predicts?: boolean } = {},
): Promise<Map<string, QuotaReport[]>> {
  const db = ctx.db.prisma;
  const rows = await db.quota.findMany({ where: { subjectId: { in: [...ids] } } });
  const limited = [...new Set(rows.map(({ subjectId }) => subjectId))];
  const now = ctx.now();
  const [stored, isProtected, history] = await Promise.all([
    usedBytes(db, { of, ids, meter: "stored", now }),
    usedBytes(db, { of, ids, meter: "protected", now }),
    predicts ? readHistory(ctx, of, limited) : new Map<string, never>(),
  ]);
  const used = { stored, protected: isProtected };
  const quotaOf = new Map(rows.map((row) => [`${row.subjectId} ${row.meter}`, row]));
  const reportOf = (id: string, meter: (typeof METERS)[number]): QuotaReport => {
    const usedNow = used[meter].get(id) ?? 0;
    const points = [...(history.get(id)?.[meter] ?? []), { at: now, bytes: usedNow }];
    const row: Quota | undefined = quotaOf.get(`${id} ${meter}`);
    const limits = row ? limitsOf(row) : null;
    const limit = limits && predictedLimit(limits);
    const date = limit === null || usedNow >= limit ? null : predictExhaustion(points, limit);
    return {
      meter,
      usedBytes: usedNow,
      softBytes: limits?.softBytes ?? null,
      hardBytes: limits?.hardBytes ?? null,
      overageBytes: limits?.overageBytes ?? 0,
      state: stateOf(usedNow, limits),
      predictedExhaustionAt: date?.toISOString() ?? null,
    };
  };
  return new Map(ids.map((id) => [id, METERS.map((meter) => reportOf(id, meter))]));
}

/** What people want to know the date of: when data will be refused, or, where nothing is, when the soft quota is reached. */
const predictedLimit = (limits: Limits): number | null => limitOf(limits) ?? limits.softBytes;
