"use client";

import { useEffect, useState } from "react";
import { formatAbsolute, formatDuration, formatRelative, relativeStepMs } from "@/lib/format";

/** "3 min ago", with the moment in the viewer's own zone on hover. */
export function RelativeTime({ at }: { at: string }) {
  const date = new Date(at);
  const now = useNow(date);
  return (
    <time dateTime={at} title={formatAbsolute(date)} suppressHydrationWarning className="whitespace-nowrap">
      {formatRelative(date, now)}
    </time>
  );
}

/** How long something goes on already. */
export function Elapsed({ since, until }: { since: string; until: string | null }) {
  const start = new Date(since);
  const now = useNow(start, until === null);
  const end = until === null ? now : new Date(until);
  return (
    <time dateTime={since} title={formatAbsolute(start)} suppressHydrationWarning className="whitespace-nowrap">
      {formatDuration((end.getTime() - start.getTime()) / 1000)}
    </time>
  );
}

function useNow(since: Date, running = true): Date {
  const [now, setNow] = useState(() => new Date());
  const sinceMs = since.getTime();
  useEffect(() => {
    if (!running) return;
    const timer = setTimeout(() => setNow(new Date()), relativeStepMs(new Date(sinceMs), now));
    return () => clearTimeout(timer);
  }, [now, sinceMs, running]);
  return now;
}
