"use client";

import { cn } from "@/components/ui/cn";
import { useLive } from "./live";

const STATES = {
  live: { text: "Live", title: "What you see follows this core as it happens.", dot: "bg-[#6fd3a0]" },
  connecting: { text: "Connecting", title: "Opening the event stream.", dot: "bg-rail-muted" },
  polling: {
    text: "Every 5 s",
    title: "The event stream is down; this page asks every 5 seconds instead.",
    dot: "bg-[#e0a06a]",
  },
} as const;

export function LiveIndicator({ className }: { className?: string }) {
  const state = STATES[useLive()];
  return (
    <span
      role="status"
      title={state.title}
      className={cn("inline-flex items-center gap-1.5 text-rail-muted text-xs", className)}
    >
      <span className={cn("size-1.5 rounded-full", state.dot)} aria-hidden />
      {state.text}
    </span>
  );
}
