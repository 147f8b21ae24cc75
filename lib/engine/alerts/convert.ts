import "server-only";
import { z } from "zod";
import type { Alert as AlertRow } from "@/prisma/generated/client";
import { ALERT_REMEDIES, type Alert, AlertKind, AlertSubject } from "./schemas";

const Known = z.object({ kind: AlertKind, subjectKind: AlertSubject });

/** A row as everyone sees it. */
export function toAlert(row: AlertRow): Alert {
  const { kind, subjectKind } = Known.parse(row);
  return {
    id: row.id,
    kind,
    severity: row.severity,
    state: row.clearedAt ? "cleared" : row.acknowledgedAt ? "acknowledged" : "open",
    subject: { kind: subjectKind, id: row.subjectId },
    tenantId: row.tenantId,
    title: row.title,
    detail: row.detail,
    remedy: ALERT_REMEDIES[kind],
    count: row.count,
    raisedAt: row.raisedAt.toISOString(),
    lastSeenAt: row.lastSeenAt.toISOString(),
    acknowledgedAt: row.acknowledgedAt?.toISOString() ?? null,
    acknowledgedBy: row.acknowledgedBy,
    note: row.note,
    clearedAt: row.clearedAt?.toISOString() ?? null,
  };
}
