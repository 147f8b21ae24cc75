import { cn } from "./cn";

/** The place of something that is on its way. */
export const Skeleton = ({ className }: { className?: string }) => (
  <div className={cn("animate-pulse rounded-md bg-sunken", className)} aria-hidden aria-busy />
);

export function SkeletonRows({ rows = 4, label }: { rows?: number; label: string }) {
  return (
    <div className="grid gap-2 p-3.5" role="status" aria-busy>
      <span className="sr-only">{`Loading ${label}`}</span>
      {Array.from({ length: rows }, (_, at) => (
        // Placeholders have no identity but their place.
        // biome-ignore lint/suspicious/noArrayIndexKey: see above
        <Skeleton key={at} className="h-9" />
      ))}
    </div>
  );
}
