import "server-only";
import { withTransaction } from "@/lib/db/transaction";
import { writeAudit } from "@/lib/engine/audit";
import { actorName, type EngineContext } from "@/lib/engine/context";
import { emitEvent } from "@/lib/engine/events/emit";
import { notFound } from "@/lib/errors";
import { toAlert } from "./convert";
import type { AcknowledgeAlertInput, Alert } from "./schemas";

/**
 * Somebody knows of it and sees to it; the first one who says so is kept. Saying it again, or of an alert that was cleared
 * meanwhile, changes nothing. Throws not_found.
 */
export function acknowledgeAlert(ctx: EngineContext, { id }: AcknowledgeAlertInput): Promise<Alert> {
  return withTransaction(ctx.db, async (tx) => {
    const changed = await tx.alert.updateMany({
      where: { id, acknowledgedAt: null, clearedAt: null },
      data: { acknowledgedAt: ctx.now(), acknowledgedBy: nameOf(ctx) },
    });
    const alert = await tx.alert.findUnique({ where: { id } });
    if (!alert) throw notFound("alert");
    if (changed.count === 0) return toAlert(alert);
    await writeAudit(tx, ctx, "alert.acknowledge", id, { kind: alert.kind, subject: alert.subjectId });
    await emitEvent(tx, "alert", id);
    return toAlert(alert);
  });
}

/** For people: an account's own name, without the word for what it is. */
const nameOf = ({ actor }: EngineContext) => (actor.kind === "account" ? actor.name : actorName(actor));
