import type { LucideIcon } from "lucide-react";
import type { ReactNode } from "react";

interface EmptyStateProps {
  icon: LucideIcon;
  title: string;
  children?: ReactNode;
  action?: ReactNode;
}

/** Nothing here yet: what would be here, and the next step. */
export function EmptyState({ icon: Icon, title, children, action }: EmptyStateProps) {
  return (
    <div className="mx-auto grid max-w-xl justify-items-center gap-3 px-4 py-9 text-center">
      <span className="grid size-10 place-items-center rounded-full bg-petrol-soft text-petrol">
        <Icon className="size-5" aria-hidden />
      </span>
      <p className="font-semibold text-md">{title}</p>
      {children && <div className="grid w-full min-w-0 gap-3 text-muted text-sm">{children}</div>}
      {action}
    </div>
  );
}
