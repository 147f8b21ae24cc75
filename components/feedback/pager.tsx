"use client";

import { Button } from "@/components/ui/button";
import { formatCount } from "@/lib/format";

interface PagerProps {
  shown: number;
  total: number;
  hasMore: boolean;
  pending: boolean;
  onMore: () => void;
}

/** How much of a list is on the screen, and the way to the rest. */
export function Pager({ shown, total, hasMore, pending, onMore }: PagerProps) {
  if (total === 0) return null;
  return (
    <div className="flex flex-wrap items-center justify-between gap-2 border-t px-3.5 py-2 text-muted text-xs">
      <span>{`${formatCount(shown)} of ${formatCount(total)}`}</span>
      {hasMore && (
        <Button size="sm" pending={pending} onClick={onMore}>
          Show more
        </Button>
      )}
    </div>
  );
}
