import { page } from "@/lib/engine/schemas";
import { ListTasksInput, TaskReport } from "@/lib/engine/tasks/schemas";
import { ById, everyone, operators, row } from "./row";

export const tasksContract = {
  listTasks: row({
    method: "GET",
    path: "/tasks",
    summary: "Captures and restores, newest first.",
    area: "protection",
    roles: everyone,
    reach: "tenant",
    input: ListTasksInput,
    output: page(TaskReport),
  }),
  getTask: row({
    method: "GET",
    path: "/tasks/{id}",
    summary: "One capture or restore.",
    area: "protection",
    roles: everyone,
    reach: "tenant",
    input: ById,
    output: TaskReport,
  }),
  cancelTask: row({
    method: "POST",
    path: "/tasks/{id}/cancel",
    summary: "Cancel a capture or restore.",
    area: "protection",
    roles: operators,
    reach: "tenant",
    input: ById,
    output: TaskReport,
  }),
} as const;
