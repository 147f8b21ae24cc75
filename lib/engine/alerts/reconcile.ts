import "server-only";
import { withTransaction } from "@/lib/db/transaction";
import type { EngineContext } from "@/lib/engine/context";
import { openKey, type RaisedAlert } from "./raise";
import type { AlertKind, AlertSubject } from "./schemas";
import { tellOf } from "./tell";

/** An alert that only goes on is written again after so long, to say when it was last seen. */
const SEEN_SECONDS = 600;

export interface FoundAlert extends RaisedAlert {
  /** How often the same thing happened, where that is known. */
  readonly count?: number;
}

export interface Scope {
  /** The kinds that the caller alone raises and clears. */
  readonly kinds: readonly AlertKind[];
  readonly subjectKind: AlertSubject;
  /** It looked at all subjects with ids above this one, up to and with that one. */
  readonly after: string;
  readonly upTo: string;
}

/** Every id lies between them. */
export const ID_FLOOR = "00000000-0000-0000-0000-000000000000";
export const ID_CEILING = "ffffffff-ffff-ffff-ffff-ffffffffffff";

/**
 * Makes the open alerts of a scope those that were found: raises new ones, brings words and severity of others up to date, clears
 * what was not found. Two statements however many there are; one that only goes on is hardly written.
 */
export async function reconcileAlerts(ctx: EngineContext, scope: Scope, found: readonly FoundAlert[]): Promise<void> {
  const now = ctx.now();
  const keys = found.map(({ kind, subjectId }) => openKey(kind, subjectId));
  const rows = JSON.stringify(found.map((alert, index) => ({ count: 1, detail: "", ...alert, key: keys[index] })));
  const seen = new Date(now.getTime() - SEEN_SECONDS * 1000);
  await withTransaction(ctx.db, async (tx) => {
    const raised = await tx.$queryRaw<{ id: string }[]>`
      insert into alert (id, kind, severity, subject_kind, subject_id, tenant_id, title, detail, count, open_key, raised_at, last_seen_at)
      select gen_random_uuid(), f.kind, f.severity::alert_severity, f."subjectKind", f."subjectId", f."tenantId", f.title,
        f.detail, f.count, f.key, ${now}, ${now}
      from jsonb_to_recordset(${rows}::jsonb) as f(kind text, severity text, "subjectKind" text, "subjectId" uuid,
        "tenantId" uuid, title text, detail text, count int, key text)
      order by f.key
      on conflict (open_key) do update set
        title = excluded.title, detail = excluded.detail, count = greatest(alert.count, excluded.count),
        last_seen_at = excluded.last_seen_at, severity = greatest(alert.severity, excluded.severity),
        acknowledged_at = case when excluded.severity > alert.severity then null else alert.acknowledged_at end,
        acknowledged_by = case when excluded.severity > alert.severity then null else alert.acknowledged_by end,
        note = case when excluded.severity > alert.severity then '' else alert.note end
      where (alert.title, alert.detail) is distinct from (excluded.title, excluded.detail)
        or excluded.count > alert.count or excluded.severity > alert.severity or alert.last_seen_at < ${seen}
      returning id`;
    const cleared = await tx.$queryRaw<{ id: string }[]>`
      update alert set open_key = null, cleared_at = ${now}
      where open_key is not null and kind = any(${[...scope.kinds]}::text[]) and subject_kind = ${scope.subjectKind}
        and subject_id > ${scope.after}::uuid and subject_id <= ${scope.upTo}::uuid
        and not (open_key = any(${keys}::text[]))
      returning id`;
    await tellOf(tx, [...raised, ...cleared]);
  });
}
