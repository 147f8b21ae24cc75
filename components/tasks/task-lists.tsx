"use client";

import { useQuery } from "@tanstack/react-query";
import { ListChecks } from "lucide-react";
import { QueryView } from "@/components/feedback/query-view";
import { EmptyState } from "@/components/ui/empty-state";
import { Panel } from "@/components/ui/panel";
import { newestTasksQuery } from "./queries";
import { TaskLine } from "./task-line";
import { isActive } from "./words";

/** Lines of captures and restores that go on just now, for a list that holds other work too. */
export function RunningTasks() {
  const { data } = useQuery(newestTasksQuery());
  return (data?.items ?? []).filter(isActive).map((task) => <TaskLine key={task.id} task={task} named />);
}

/** What an agent's newest captures and restores did. */
export function AgentTasks({ agentId, max = 5 }: { agentId: string; max?: number }) {
  const query = useQuery(newestTasksQuery(agentId));
  return (
    <Panel flush title="Captures and restores">
      <QueryView query={query} what="the captures and restores">
        {(page) =>
          page.items.length === 0 ? (
            <EmptyState icon={ListChecks} title="None yet">
              What is captured or restored shows here while it goes on, and how it ended.
            </EmptyState>
          ) : (
            <ul>
              {page.items.slice(0, max).map((task) => (
                <TaskLine key={task.id} task={task} />
              ))}
            </ul>
          )
        }
      </QueryView>
    </Panel>
  );
}
