import { CircleAlert, CircleCheck, TriangleAlert } from "lucide-react";
import { cn } from "@/components/ui/cn";
import { Meter } from "@/components/ui/meter";
import type { RepositorySummary } from "@/lib/engine/repositories/schemas";
import { formatBytes, formatPercent, shareOf } from "@/lib/format";

/** From here on somebody should act; and from here on runs begin to stop. */
const WARN_SHARE = 0.8;
const DANGER_SHARE = 0.95;

type Disk = Pick<RepositorySummary, "freeBytes" | "totalBytes" | "reachable">;

export function fillOf({ freeBytes, totalBytes, reachable }: Disk) {
  // Accounts that are bound to tenants are told nothing of the disk.
  if (reachable && totalBytes === 0)
    return { share: 0, tone: "petrol" as const, text: "Not shown to tenants", icon: CircleCheck, ink: "text-muted" };
  if (!reachable)
    return {
      share: 0,
      tone: "danger" as const,
      text: "The folder cannot be reached",
      icon: CircleAlert,
      ink: "text-danger",
    };
  const share = shareOf(totalBytes - freeBytes, totalBytes);
  const text = `${formatPercent(share)} full, ${formatBytes(freeBytes)} free`;
  if (share >= DANGER_SHARE) return { share, tone: "danger" as const, text, icon: CircleAlert, ink: "text-danger" };
  if (share >= WARN_SHARE) return { share, tone: "warn" as const, text, icon: TriangleAlert, ink: "text-warn" };
  return { share, tone: "petrol" as const, text, icon: CircleCheck, ink: "text-muted" };
}

/** How full the disk under a repository is, in words and as a bar. */
export function FillMeter({ disk, className }: { disk: Disk; className?: string }) {
  const { share, tone, text, icon: Icon, ink } = fillOf(disk);
  return (
    <div className={cn("grid min-w-40 gap-1", className)}>
      <span className={cn("flex items-center gap-1.5 text-xs", ink)}>
        {tone !== "petrol" && <Icon className="size-3.5 shrink-0" aria-hidden />}
        {text}
      </span>
      <Meter share={share} label="Disk used" valueText={text} tone={tone} />
    </div>
  );
}

export const formatFactor = (factor: number | null) =>
  factor === null ? "–" : `${factor.toFixed(factor < 10 ? 2 : 1)} : 1`;
