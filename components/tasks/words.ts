import { CircleAlert, CircleCheck, CircleDashed, CircleSlash, type LucideIcon, RefreshCw } from "lucide-react";
import type { Tone } from "@/components/ui/badge";
import type { TaskReport } from "@/lib/engine/tasks/schemas";

export const TASK_WORDS: Readonly<Record<TaskReport["state"], { label: string; tone: Tone; icon: LucideIcon }>> = {
  queued: { label: "Queued", tone: "neutral", icon: CircleDashed },
  running: { label: "Running", tone: "petrol", icon: RefreshCw },
  succeeded: { label: "Succeeded", tone: "ok", icon: CircleCheck },
  failed: { label: "Failed", tone: "danger", icon: CircleAlert },
  cancelled: { label: "Cancelled", tone: "neutral", icon: CircleSlash },
};

export const KIND_WORDS: Readonly<Record<TaskReport["kind"], string>> = {
  capture: "Capture",
  restore: "Restore",
  export_seed_drive: "Seed drive export",
  consume_seed_drive: "Seed drive import",
};

/** "Capture of web-01", or the kind alone when the task is not about one agent. */
export const titleOf = (task: TaskReport) =>
  task.agent ? `${KIND_WORDS[task.kind]} of ${task.agent.name}` : KIND_WORDS[task.kind];

export const isActive = (task: TaskReport) => task.state === "queued" || task.state === "running";
