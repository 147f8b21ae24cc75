import { Badge } from "@/components/ui/badge";
import type { QuotaState } from "@/lib/engine/quotas/schemas";
import { QUOTA_STATE_WORDS } from "./words";

/** How a tenant stands with its quotas, in a list. */
export function QuotaBadge({ state }: { state: QuotaState }) {
  if (state === "none") return <span className="text-muted">none</span>;
  const { label, tone, icon } = QUOTA_STATE_WORDS[state];
  return (
    <Badge tone={tone} icon={icon}>
      {label}
    </Badge>
  );
}
