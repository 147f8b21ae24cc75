import type { AlertSeverity } from "@/lib/engine/alerts/schemas";
import type { AlertRule } from "./schemas";

/** What a rule asks of an alert. */
export interface Matched {
  readonly kind: string;
  readonly severity: AlertSeverity;
  readonly tenantId: string | null;
}

const RANK: Readonly<Record<AlertSeverity, number>> = { info: 0, warning: 1, critical: 2 };

/** Is this rule about this alert? Pure. */
export function isAbout(rule: AlertRule, { kind, severity, tenantId }: Matched): boolean {
  if (!rule.enabled || RANK[severity] < RANK[rule.minSeverity]) return false;
  if (rule.kinds.length > 0 && !rule.kinds.some((asked) => asked === kind)) return false;
  return rule.tenantIds.length === 0 || (tenantId !== null && rule.tenantIds.includes(tenantId));
}
