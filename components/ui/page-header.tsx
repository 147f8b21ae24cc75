import { ChevronRight } from "lucide-react";
import type { Route } from "next";
import Link from "next/link";
import type { ReactNode } from "react";

interface PageHeaderProps {
  title: ReactNode;
  /** Where this page lies: the pages above it, by paths that may hold ids (hence no Route). */
  trail?: readonly { label: string; href: string }[];
  badges?: ReactNode;
  actions?: ReactNode;
  description?: ReactNode;
}

export function PageHeader({ title, trail = [], badges, actions, description }: PageHeaderProps) {
  return (
    <header className="mb-4 flex flex-wrap items-end gap-x-4 gap-y-3">
      <div className="min-w-0 flex-1 basis-64">
        {trail.length > 0 && (
          <nav aria-label="Breadcrumb" className="mb-0.5">
            <ol className="flex flex-wrap items-center gap-1 text-muted text-xs">
              {trail.map((step) => (
                <li key={step.href} className="flex items-center gap-1">
                  <Link href={step.href as Route} className="hover:text-ink hover:underline">
                    {step.label}
                  </Link>
                  <ChevronRight className="size-3" aria-hidden />
                </li>
              ))}
            </ol>
          </nav>
        )}
        <div className="flex flex-wrap items-center gap-x-3 gap-y-1.5">
          <h1 className="min-w-0 break-words font-semibold text-xl tracking-tight">{title}</h1>
          {badges}
        </div>
        {description && <p className="mt-1 max-w-2xl text-muted text-sm">{description}</p>}
      </div>
      {actions && <div className="flex flex-wrap items-center gap-2">{actions}</div>}
    </header>
  );
}
