import { Badge } from "@/components/ui/badge";
import { cn } from "@/components/ui/cn";
import type { QuotaReport, QuotaState } from "@/lib/engine/quotas/schemas";
import { formatBytes } from "@/lib/format";
import { METERS, predictionText, QUOTA_STATE_WORDS, refusedFrom, usedText } from "./words";

const FILLS: Readonly<Record<QuotaState, string>> = {
  none: "bg-muted",
  ok: "bg-petrol",
  soft: "bg-warn",
  hard: "bg-danger",
  over: "bg-danger",
};

/** One meter: how much is used, of how much, where people are warned and where data is refused, and when that will be. */
export function QuotaBar({ quota, now, actions }: { quota: QuotaReport; now: Date; actions?: React.ReactNode }) {
  const { label, tone, icon } = QUOTA_STATE_WORDS[quota.state];
  const prediction = predictionText(quota, now);
  return (
    <div className="grid gap-1.5">
      <div className="flex flex-wrap items-center gap-x-2 gap-y-1">
        <h3 className="font-medium text-sm">{METERS[quota.meter].title}</h3>
        {quota.state !== "none" && (
          <Badge tone={tone} icon={icon}>
            {label}
          </Badge>
        )}
        <span className="ml-auto text-sm tabular-nums">{usedText(quota)}</span>
        {actions}
      </div>
      {quota.state !== "none" && <Scale quota={quota} />}
      {prediction && (
        <p className={cn("text-xs", prediction.isSoon ? "font-medium text-danger" : "text-muted")}>{prediction.text}</p>
      )}
    </div>
  );
}

/** The whole bar is what may be used at most; more than that is as full. */
function Scale({ quota }: { quota: QuotaReport }) {
  const most = Math.max(refusedFrom(quota) ?? 0, quota.softBytes ?? 0, 1);
  const share = Math.min(1, quota.usedBytes / most);
  const marks = [
    { name: "soft", at: quota.softBytes },
    ...(quota.overageBytes > 0 ? [{ name: "hard", at: quota.hardBytes }] : []),
  ].flatMap(({ name, at }) => (at === null ? [] : [{ name, at, share: at / most }]));
  return (
    <div className="grid gap-1">
      {/* biome-ignore lint/a11y/useSemanticElements: a native meter cannot carry marks. */}
      <div
        role="meter"
        aria-label={`${METERS[quota.meter].title} quota`}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={Math.round(share * 100)}
        aria-valuetext={`${usedText(quota)}: ${QUOTA_STATE_WORDS[quota.state].label}`}
        className="relative h-2.5 w-full overflow-hidden rounded-full bg-line"
      >
        <div
          className={cn("h-full rounded-full", FILLS[quota.state])}
          style={{ width: `${Math.max(share * 100, quota.usedBytes > 0 ? 1 : 0)}%` }}
        />
        {marks.map((mark) => (
          <span
            key={mark.name}
            className={cn("absolute inset-y-0 w-0.5", mark.name === "hard" ? "bg-danger" : "bg-ink/60")}
            style={{ left: `${Math.min(99.5, mark.share * 100)}%` }}
          />
        ))}
      </div>
      <p className="flex flex-wrap gap-x-3 text-2xs text-muted" aria-hidden>
        {quota.softBytes !== null && <span>warned from {formatBytes(quota.softBytes)}</span>}
        {quota.overageBytes > 0 && quota.hardBytes !== null && <span>hard {formatBytes(quota.hardBytes)}</span>}
        {quota.hardBytes !== null && <span>refused beyond {formatBytes(most)}</span>}
      </p>
    </div>
  );
}
