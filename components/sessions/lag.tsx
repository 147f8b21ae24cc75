import { CircleCheck, CircleDashed, Clock, TriangleAlert } from "lucide-react";
import { cn } from "@/components/ui/cn";
import { Meter } from "@/components/ui/meter";
import type { SessionSummary } from "@/lib/engine/sessions/schemas";
import { lagOf } from "./words";

const KINDS = {
  none: { tone: "neutral", ink: "text-muted", icon: CircleDashed },
  within: { tone: "ok", ink: "text-ok", icon: CircleCheck },
  near: { tone: "warn", ink: "text-warn", icon: Clock },
  behind: { tone: "danger", ink: "text-danger", icon: TriangleAlert },
} as const;

/** How far behind the target is, as a share of what is allowed, in words and as a bar. */
export function LagMeter({ session, className }: { session: SessionSummary; className?: string }) {
  const lag = lagOf(session);
  const { tone, ink, icon: Icon } = KINDS[lag.kind];
  return (
    <div className={cn("grid min-w-36 gap-1", className)}>
      <span className={cn("flex items-center gap-1.5 text-xs", lag.kind === "behind" ? "font-medium" : "", ink)}>
        <Icon className="size-3.5 shrink-0" aria-hidden />
        {lag.text}
      </span>
      <Meter
        share={lag.share}
        label="Lag as a share of the recovery point objective"
        valueText={lag.text}
        tone={tone}
      />
    </div>
  );
}
