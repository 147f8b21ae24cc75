import "server-only";
import type { Tx } from "@/lib/db/client";
import { withTransaction } from "@/lib/db/transaction";
import type { EngineContext } from "@/lib/engine/context";
import { emitEvent } from "@/lib/engine/events/emit";
import { readSetting } from "@/lib/engine/settings";
import { computeDrafts, type Draft, saveDrafts } from "./drafts";
import { finaliseStatements } from "./finalise-statements";
import type { MonthKey } from "./keys";
import { lockStatements } from "./lock";

/** A month's last measurements are in the roll-up by then. */
const AFTER_MS = 6 * 3600_000;
/** Statements of one transaction. */
const AT_ONCE = 200;
/** Goes: two hundred thousand statements that are not final. */
const GOES_MAX = 1_000;
const TIMEOUT_MS = 120_000;

/**
 * Computes a draft for every tenant's month that ended six hours ago or earlier and is not final, also those that were computed
 * before, if anything was used or the tenant has a plan; then makes statements final if people asked for that by the calendar. May be repeated.
 */
export async function computeStatements(ctx: EngineContext): Promise<void> {
  let after: MonthKey = { tenantId: "00000000-0000-0000-0000-000000000000", month: "" };
  for (let go = 0; go < GOES_MAX; go++) {
    const keys = await openMonths(ctx, after);
    const last = keys.at(-1);
    if (!last) break;
    await writeDrafts(ctx, keys);
    after = last;
  }
  await finaliseByCalendar(ctx);
}

function openMonths(ctx: EngineContext, after: MonthKey): Promise<MonthKey[]> {
  return ctx.db.prisma.$queryRaw<MonthKey[]>`
    select m.tenant_id as "tenantId", m.month from usage_month m
    where (m.tenant_id, m.month) > (${after.tenantId}::uuid, ${after.month})
      and m.ends_at <= ${new Date(ctx.now().getTime() - AFTER_MS)} and not exists (
        select 1 from statement s where s.tenant_id = m.tenant_id and s.month = m.month and s.state = 'final')
    order by m.tenant_id, m.month limit ${AT_ONCE}`;
}

/** Computes these months anew and keeps them, but for those that are final, and those in which there is nothing to say. */
async function writeDrafts(ctx: EngineContext, keys: readonly MonthKey[]): Promise<void> {
  const write = async (tx: Tx) => {
    await lockStatements(tx);
    await saveDrafts(tx, (await computeDrafts(tx, keys)).filter(isWorthSaying), ctx.now());
    await emitEvent(tx, "statement", "drafts");
  };
  await withTransaction(ctx.db, write, TIMEOUT_MS);
}

/** A tenant that used nothing and has no plan gets no statement. */
const isWorthSaying = ({ usage, terms, input }: Draft): boolean =>
  terms !== null || input.corrections.length > 0 || Object.values(usage).some((counted: bigint) => counted > 0n);

async function finaliseByCalendar(ctx: EngineContext): Promise<void> {
  const { finaliseOnDay } = await readSetting(ctx.db.prisma, "billing");
  const today = ctx.now();
  if (finaliseOnDay === null || today.getUTCDate() < finaliseOnDay) return;
  const month = new Date(Date.UTC(today.getUTCFullYear(), today.getUTCMonth() - 1, 1)).toISOString().slice(0, 7);
  const { finalised, refused } = await finaliseStatements(ctx, { month });
  if (finalised > 0 || refused.length > 0)
    ctx.log.info({ month, finalised, refused }, "statements were made final by the calendar");
}
