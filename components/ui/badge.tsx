import type { LucideIcon } from "lucide-react";
import type { ReactNode } from "react";
import { cn } from "./cn";

export type Tone = "neutral" | "petrol" | "copper" | "ok" | "warn" | "danger";

export const TONE_CLASSES: Readonly<Record<Tone, string>> = {
  neutral: "bg-sunken text-muted",
  petrol: "bg-petrol-soft text-petrol",
  copper: "bg-copper-soft text-copper",
  ok: "bg-ok-soft text-ok",
  warn: "bg-warn-soft text-warn",
  danger: "bg-danger-soft text-danger",
};

interface BadgeProps {
  tone?: Tone;
  /** State is never told by colour alone: a badge has words, and an icon where it is a state. */
  icon?: LucideIcon;
  children: ReactNode;
  className?: string;
  title?: string;
}

export function Badge({ tone = "neutral", icon: Icon, children, className, title }: BadgeProps) {
  return (
    <span
      title={title}
      className={cn(
        "inline-flex items-center gap-1 whitespace-nowrap rounded-full px-2 py-0.5 font-medium text-xs",
        TONE_CLASSES[tone],
        className,
      )}
    >
      {Icon && <Icon className="size-3.5" aria-hidden />}
      {children}
    </span>
  );
}

/** How many wait: a small number beside a word. */
export function CountBadge({ count, label, className }: { count: number; label: string; className?: string }) {
  if (count === 0) return null;
  return (
    <span
      className={cn(
        "inline-grid h-5 min-w-5 place-items-center rounded-full bg-[#e0a06a] px-1.5 font-semibold text-2xs text-[#2a1605]",
        className,
      )}
    >
      <span aria-hidden>{count > 99 ? "99+" : count}</span>
      <span className="sr-only">{`${count} ${label}`}</span>
    </span>
  );
}
