import { cn } from "./cn";

export type MeterTone = "ok" | "warn" | "danger" | "neutral" | "petrol";

const FILLS: Readonly<Record<MeterTone, string>> = {
  ok: "bg-ok",
  warn: "bg-warn",
  danger: "bg-danger",
  neutral: "bg-muted",
  petrol: "bg-petrol",
};

interface MeterProps {
  share: number;
  label: string;
  valueText: string;
  tone?: MeterTone;
  className?: string;
}

/** How full, how far behind: a bar that always has words beside it. */
export function Meter({ share, label, valueText, tone = "petrol", className }: MeterProps) {
  const percent = Math.round(Math.min(1, Math.max(0, share)) * 100);
  return (
    // biome-ignore lint/a11y/useSemanticElements: a native meter cannot be drawn alike in all browsers, nor have a value text.
    <div
      role="meter"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={percent}
      aria-valuetext={valueText}
      className={cn("h-1.5 w-full overflow-hidden rounded-full bg-line", className)}
    >
      <div
        className={cn("h-full rounded-full", FILLS[tone])}
        style={{ width: `${Math.max(percent, share > 0 ? 2 : 0)}%` }}
      />
    </div>
  );
}
