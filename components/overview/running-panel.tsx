"use client";

import { useQuery } from "@tanstack/react-query";
import { Coffee } from "lucide-react";
import type { ReactNode } from "react";
import { EmptyState } from "@/components/ui/empty-state";
import { Panel } from "@/components/ui/panel";
import { overviewQuery } from "./queries";

/** What goes on just now: runs, captures and restores, each drawn by its own feature. */
export function RunningPanel({ children }: { children: ReactNode }) {
  const { data } = useQuery(overviewQuery());
  const quiet = data !== undefined && data.counts.runsActive + data.counts.tasksActive === 0;
  return (
    <Panel flush title="Running now">
      {quiet ? (
        <EmptyState icon={Coffee} title="Nothing runs just now">
          Runs start by themselves when there is a recovery point that a target lacks.
        </EmptyState>
      ) : (
        <ul className="min-h-14">{children}</ul>
      )}
    </Panel>
  );
}
