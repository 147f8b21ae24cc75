import { CircleAlert, CircleCheck, Info, type LucideIcon, TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";
import { cn } from "./cn";

const KINDS = {
  info: { icon: Info, classes: "bg-petrol-soft/60 border-petrol/30", ink: "text-petrol" },
  ok: { icon: CircleCheck, classes: "bg-ok-soft/60 border-ok/30", ink: "text-ok" },
  warn: { icon: TriangleAlert, classes: "bg-warn-soft/60 border-warn/35", ink: "text-warn" },
  danger: { icon: CircleAlert, classes: "bg-danger-soft/60 border-danger/35", ink: "text-danger" },
} as const satisfies Record<string, { icon: LucideIcon; classes: string; ink: string }>;

interface NoticeProps {
  kind?: keyof typeof KINDS;
  title?: ReactNode;
  children?: ReactNode;
  actions?: ReactNode;
  className?: string;
  /** Read out when it appears. */
  live?: boolean;
}

export function Notice({ kind = "info", title, children, actions, className, live }: NoticeProps) {
  const { icon: Icon, classes, ink } = KINDS[kind];
  return (
    <div
      role={live ? (kind === "danger" ? "alert" : "status") : undefined}
      className={cn(
        "flex min-w-0 flex-wrap items-start gap-x-3 gap-y-2 rounded-md border px-3 py-2.5 text-sm",
        classes,
        className,
      )}
    >
      <Icon className={cn("mt-0.5 size-4 shrink-0", ink)} aria-hidden />
      <div className="min-w-0 flex-1 basis-48">
        {title && <p className="font-medium">{title}</p>}
        {children && <div className="break-words">{children}</div>}
      </div>
      {actions && <div className="flex flex-wrap gap-2">{actions}</div>}
    </div>
  );
}
