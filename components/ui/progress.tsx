"use client";

import { useEffect, useRef, useState } from "react";
import { formatPercent } from "@/lib/format";
import { cn } from "./cn";

interface LinkProgressProps {
  /** 0…1; null while it is not known. */
  share: number | null;
  /** What it is, for a screen reader: "Replication of web-01". */
  label: string;
  /** What it says now: "1.2 GiB of 4 GiB". */
  valueText: string;
  /** moving: something happens; held: paused; failed, done: it has ended. */
  state?: "moving" | "held" | "failed" | "done";
  className?: string;
}

const FILL = { moving: "bg-petrol", held: "bg-muted", failed: "bg-danger", done: "bg-ok" } as const;

/** Progress as a link that grows from the copper core to the petrol one. */
export function LinkProgress({ share, label, valueText, state = "moving", className }: LinkProgressProps) {
  const percent = share === null ? undefined : Math.round(share * 100);
  return (
    <div className={cn("flex min-w-0 items-center", className)}>
      <span className="size-2 shrink-0 rounded-full bg-copper" />
      <div
        role="progressbar"
        aria-label={label}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={percent}
        aria-valuetext={valueText}
        className="mx-0.5 h-1.5 min-w-0 flex-1 overflow-hidden rounded-full bg-line"
      >
        <div
          className={cn(
            "h-full rounded-full transition-[width] duration-700 ease-linear",
            FILL[state],
            share === null && "w-1/4 animate-pulse",
          )}
          style={share === null ? undefined : { width: `${Math.max(share * 100, share > 0 ? 1 : 0)}%` }}
        />
      </div>
      <span className={cn("size-2 shrink-0 rounded-full border-2 border-petrol", share === 1 && "bg-petrol")} />
      <Milestones label={label} share={share} state={state} />
    </div>
  );
}

const MARKS = [0.25, 0.5, 0.75] as const;

/** Tells a screen reader the quarters and the end, never each tick. */
function Milestones({ label, share, state }: { label: string; share: number | null; state: string }) {
  const told = useRef<string | null>(null);
  const [text, setText] = useState("");
  const mark = MARKS.filter((candidate) => share !== null && share >= candidate).at(-1);
  const now = state === "moving" ? (mark === undefined ? "started" : formatPercent(mark)) : state;
  useEffect(() => {
    // What was so when the page opened is no news.
    if (told.current !== null && told.current !== now) setText(`${label}: ${now}`);
    told.current = now;
  }, [label, now]);
  return (
    <span className="sr-only" aria-live="polite">
      {text}
    </span>
  );
}
