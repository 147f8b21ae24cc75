import { Check } from "lucide-react";
import { cn } from "@/components/ui/cn";
import type { RunReport } from "@/lib/engine/sessions/schemas";
import { isMoving, PHASES } from "./words";

/** Where in its course a run is: the steps done, the one it is at, the ones to come. */
export function PhaseSteps({ run }: { run: RunReport }) {
  const done = run.state === "succeeded";
  const at = done ? PHASES.length : PHASES.findIndex((one) => one.phase === run.phase);
  return (
    <ol aria-label="Phases of the run" className="grid grid-cols-3 gap-x-2 gap-y-2 sm:grid-cols-6">
      {PHASES.map(({ phase, label }, index) => {
        const current = index === at;
        return (
          <li key={phase} aria-current={current ? "step" : undefined} className="min-w-0">
            <span
              className={cn(
                "block h-1 rounded-full",
                index < at ? "bg-petrol" : current ? "bg-copper" : "bg-line",
                current && isMoving(run) && "animate-pulse",
              )}
            />
            <span className={cn("mt-1 flex items-center gap-1 text-xs", current ? "font-semibold" : "text-muted")}>
              {index < at && <Check className="size-3 text-petrol" aria-label="done" />}
              {label}
            </span>
          </li>
        );
      })}
    </ol>
  );
}
