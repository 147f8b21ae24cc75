import type { ReactNode } from "react";
import { cn } from "./cn";

interface PanelProps {
  title?: ReactNode;
  /** Beside the title, quiet. */
  note?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
  className?: string;
  /** No padding around the body: for tables and lists that draw their own lines. */
  flush?: boolean;
}

/** One thing on a page, with its heading. */
export function Panel({ title, note, actions, children, className, flush }: PanelProps) {
  return (
    <section className={cn("@container min-w-0 rounded-lg border bg-surface", className)}>
      {(title || actions) && (
        <div className="flex min-h-11 flex-wrap items-center gap-x-3 gap-y-1.5 border-b px-3.5 py-2">
          {title && <h2 className="font-semibold text-sm">{title}</h2>}
          {note && <span className="text-muted text-xs">{note}</span>}
          {actions && <div className="ml-auto flex flex-wrap items-center gap-2">{actions}</div>}
        </div>
      )}
      <div className={cn(!flush && "p-3.5")}>{children}</div>
    </section>
  );
}
