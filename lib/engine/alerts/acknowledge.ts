import "server-only";
import type { z } from "zod";
import { withTransaction } from "@/lib/db/transaction";
import { writeAudit } from "@/lib/engine/audit";
import { actorName, type EngineContext } from "@/lib/engine/context";
import { emitEvent } from "@/lib/engine/events/emit";
import { notFound } from "@/lib/errors";
import { toAlert } from "./convert";
import type { AcknowledgeAlertInput, AcknowledgeAlertsInput, AcknowledgedCount, Alert } from "./schemas";
import { tellOf } from "./tell";

/**
 * Somebody knows of it and sees to it; the first one who says so is kept. Saying it again, or of an alert that was cleared
 * meanwhile, changes nothing. Throws not_found.
 */
export function acknowledgeAlert(
  ctx: EngineContext,
  { id, note = "" }: z.input<typeof AcknowledgeAlertInput>,
): Promise<Alert> {
  return withTransaction(ctx.db, async (tx) => {
    const changed = await tx.alert.updateMany({
      where: { id, acknowledgedAt: null, clearedAt: null },
      data: { acknowledgedAt: ctx.now(), acknowledgedBy: nameOf(ctx), note },
    });
    const alert = await tx.alert.findUnique({ where: { id } });
    if (!alert) throw notFound("alert");
    if (changed.count === 0) return toAlert(alert);
    await writeAudit(tx, ctx, "alert.acknowledge", id, { kind: alert.kind, subject: alert.subjectId, note });
    await emitEvent(tx, "alert", id);
    return toAlert(alert);
  });
}

/** Of an entry that people read; the rest is counted. */
const NAMED_MAX = 100;

/** The same for every open alert that fits what is given, in one step: a bad night is seen to with one click. Answers how many there were. */
export function acknowledgeAlerts(ctx: EngineContext, input: AcknowledgeAlertsInput): Promise<AcknowledgedCount> {
  const { ids, kind, severity, tenantId, note } = input;
  return withTransaction(ctx.db, async (tx) => {
    const changed = await tx.alert.updateManyAndReturn({
      where: { id: ids && { in: ids }, kind, severity, tenantId, acknowledgedAt: null, clearedAt: null },
      data: { acknowledgedAt: ctx.now(), acknowledgedBy: nameOf(ctx), note },
      select: { id: true },
    });
    if (changed.length > 0) {
      const named = changed.slice(0, NAMED_MAX).map(({ id }) => id);
      await writeAudit(tx, ctx, "alert.acknowledge", kind ?? "alerts", { count: changed.length, alerts: named, note });
      await tellOf(tx, changed);
    }
    return { acknowledged: changed.length };
  });
}

/** For people: an account's own name, without the word for what it is. */
const nameOf = ({ actor }: EngineContext) => (actor.kind === "account" ? actor.name : actorName(actor));
