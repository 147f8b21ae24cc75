import "server-only";
import type { Tx } from "@/lib/db/client";
import { withTransaction } from "@/lib/db/transaction";
import { toAlertRule } from "@/lib/engine/alert-rules/convert";
import type { AlertRule } from "@/lib/engine/alert-rules/schemas";
import type { EngineContext } from "@/lib/engine/context";
import { queueDeliveries } from "@/lib/engine/deliveries/queue";
import type { AlertSeverity } from "@/prisma/generated/client";
import { type PlannedChannel, type PlannedDelivery, planDeliveries } from "./plan-deliveries";

/** Held in memory at once, times the channels. */
const BATCH = 500;
/** Of one call; what is left is the next one's. */
const BATCHES_MAX = 40;

/**
 * Turns alerts of which nobody was told into messages for the channels whose rules ask for them: in one transaction with the mark that
 * they were told, so that each channel gets each once, whatever dies in between and however many do this at once. While there is no rule,
 * alerts stay untold: the first channel that is made hears what is open.
 */
export async function dispatchAlerts(ctx: EngineContext): Promise<void> {
  for (let batch = 0; batch < BATCHES_MAX; batch++) if ((await dispatchBatch(ctx)) < BATCH) return;
}

function dispatchBatch(ctx: EngineContext): Promise<number> {
  return withTransaction(ctx.db, async (tx) => {
    const rules = (await tx.alertRule.findMany({ where: { enabled: true } })).map(toAlertRule);
    if (rules.length === 0) return 0;
    // What came and went before anybody was told is nobody's concern.
    await tx.$executeRaw`update alert set told_state = 'cleared' where told_state is null and cleared_at is not null`;
    const rows = await tx.$queryRaw<UntoldRow[]>`
      select id, kind, severity::text as severity, subject_id as "subjectId", tenant_id as "tenantId", title, cleared_at as "clearedAt"
      from alert where told_state is null
        or told_state = 'raised' and (cleared_at is not null or severity > coalesce(told_severity, 'info'))
      order by raised_at, id limit ${BATCH} for update skip locked`;
    if (rows.length === 0) return 0;
    await plan(tx, ctx, rows, rules);
    await tx.$executeRaw`
      update alert set told_state = case when cleared_at is null then 'raised' else 'cleared' end, told_severity = severity
      where id = any(${rows.map(({ id }) => id)}::uuid[])`;
    return rows.length;
  });
}

interface UntoldRow {
  id: string;
  kind: string;
  severity: AlertSeverity;
  subjectId: string;
  tenantId: string | null;
  title: string;
  clearedAt: Date | null;
}

async function plan(
  tx: Tx,
  ctx: EngineContext,
  rows: readonly UntoldRow[],
  rules: readonly AlertRule[],
): Promise<void> {
  const channels = await tx.channel.findMany({
    where: { enabled: true },
    select: { id: true, kind: true, lastDeliveredAt: true },
    orderBy: { id: "asc" },
  });
  await skipUnsaid(tx, rows);
  const told = await findTold(tx, rows);
  const alerts = rows.map(({ clearedAt, ...row }) => ({
    ...row,
    isCleared: clearedAt !== null,
    toldChannels: told.get(row.id) ?? new Set<string>(),
  }));
  const planned = alerts.flatMap((alert) =>
    planDeliveries(alert, channels satisfies PlannedChannel[], rules, ctx.now()),
  );
  await queueDeliveries(tx, ctx, planned.map(toDelivery));
}

function toDelivery({ alert, channel, event, notBefore }: PlannedDelivery) {
  const { id, tenantId, severity, title } = alert;
  const dedupeKey = `alert:${id}:${event}:${event === "raised" ? severity : ""}:${channel.id}`;
  return {
    purpose: "alert" as const,
    event,
    title,
    subjectId: id,
    tenantId,
    kind: channel.kind,
    channelId: channel.id,
    notBefore,
    dedupeKey,
  };
}

/** What waits and was never tried says less than what is to be said now: that it got worse, or that it is over. */
async function skipUnsaid(tx: Tx, rows: readonly UntoldRow[]): Promise<void> {
  await tx.delivery.updateMany({
    where: { purpose: "alert", subjectId: { in: rows.map(({ id }) => id) }, state: "waiting", attempts: 0 },
    data: { state: "skipped", lastError: "It was over, or worse, before its time had come." },
  });
}

async function findTold(tx: Tx, rows: readonly UntoldRow[]): Promise<Map<string, Set<string>>> {
  const cleared = rows.flatMap(({ id, clearedAt }) => (clearedAt ? [id] : []));
  const deliveries = await tx.delivery.findMany({
    where: {
      purpose: "alert",
      event: "raised",
      subjectId: { in: cleared },
      state: { not: "skipped" },
      channelId: { not: null },
    },
    select: { subjectId: true, channelId: true },
  });
  const told = new Map<string, Set<string>>();
  for (const { subjectId, channelId } of deliveries)
    if (subjectId && channelId) told.set(subjectId, (told.get(subjectId) ?? new Set()).add(channelId));
  return told;
}
