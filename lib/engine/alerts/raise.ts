import "server-only";
import type { Tx } from "@/lib/db/client";
import type { EngineContext } from "@/lib/engine/context";
import { emitEvent } from "@/lib/engine/events/emit";
import type { AlertKind, AlertSeverity, AlertSubject } from "./schemas";

export interface RaisedAlert {
  readonly kind: AlertKind;
  readonly severity: AlertSeverity;
  readonly subjectKind: AlertSubject;
  readonly subjectId: string;
  /** Whose data it is about; null: the core's own. */
  readonly tenantId?: string | null;
  /** One line that says what is the matter with what. */
  readonly title: string;
  /** What is known of the cause. */
  readonly detail?: string;
}

/**
 * Raises an alert in the caller's transaction. While one of this kind and subject is not cleared, there is only that one: raising
 * it again counts, brings its words up to date, and may make it more severe; then it is open again, even if somebody had
 * acknowledged the milder one. Two callers at once make one alert.
 */
export async function raiseAlert(tx: Tx, ctx: EngineContext, alert: RaisedAlert): Promise<void> {
  const now = ctx.now();
  const [row] = await tx.$queryRaw<{ id: string }[]>`
    insert into alert (id, kind, severity, subject_kind, subject_id, tenant_id, title, detail, open_key, raised_at, last_seen_at)
    values (gen_random_uuid(), ${alert.kind}, ${alert.severity}::alert_severity, ${alert.subjectKind},
      ${alert.subjectId}::uuid, ${alert.tenantId ?? null}::uuid, ${alert.title}, ${alert.detail ?? ""},
      ${openKey(alert.kind, alert.subjectId)}, ${now}, ${now})
    on conflict (open_key) do update set
      count = alert.count + 1, last_seen_at = excluded.last_seen_at, title = excluded.title, detail = excluded.detail,
      severity = greatest(alert.severity, excluded.severity),
      acknowledged_at = case when excluded.severity > alert.severity then null else alert.acknowledged_at end,
      acknowledged_by = case when excluded.severity > alert.severity then null else alert.acknowledged_by end,
      note = case when excluded.severity > alert.severity then '' else alert.note end
    returning id`;
  if (row) await emitEvent(tx, "alert", row.id);
}

/** Says that the condition is over, in the caller's transaction. Nothing happens when there is no such alert. */
export async function clearAlert(
  tx: Tx,
  ctx: EngineContext,
  { kind, subjectId }: { kind: AlertKind; subjectId: string },
): Promise<void> {
  const cleared = await tx.alert.updateManyAndReturn({
    where: { openKey: openKey(kind, subjectId) },
    data: { openKey: null, clearedAt: ctx.now() },
    select: { id: true },
  });
  for (const { id } of cleared) await emitEvent(tx, "alert", id);
}

/** One alert of a kind and subject at a time has it. */
export const openKey = (kind: AlertKind, subjectId: string): string => `${kind}:${subjectId}`;
