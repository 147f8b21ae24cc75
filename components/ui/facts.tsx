import type { ReactNode } from "react";
import { cn } from "./cn";

export interface Fact {
  label: string;
  value: ReactNode;
}

/** Names and values, two columns of text. */
export function Facts({ items, className }: { items: readonly Fact[]; className?: string }) {
  return (
    <dl
      className={cn("grid grid-cols-[minmax(5.5rem,max-content)_minmax(0,1fr)] gap-x-4 gap-y-1.5 text-sm", className)}
    >
      {items.map((item) => (
        <div key={item.label} className="contents">
          <dt className="text-muted">{item.label}</dt>
          <dd className="min-w-0 break-words">{item.value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** A few figures side by side, the label above the figure. */
export function Figures({ items, className }: { items: readonly Fact[]; className?: string }) {
  return (
    <dl className={cn("flex flex-wrap gap-px overflow-hidden rounded-lg border bg-line", className)}>
      {items.map((item) => (
        <div key={item.label} className="min-w-0 flex-1 basis-28 bg-surface px-3.5 py-2.5">
          <dt className="text-muted text-xs">{item.label}</dt>
          <dd data-figures className="mt-0.5 font-semibold text-lg tracking-tight">
            {item.value}
          </dd>
        </div>
      ))}
    </dl>
  );
}
