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

export const KIND_WORDS: Readonly<Record<TaskReport["kind"], string>> = { capture: "Capture", restore: "Restore" };

export const isActive = (task: TaskReport) => task.state === "queued" || task.state === "running";
