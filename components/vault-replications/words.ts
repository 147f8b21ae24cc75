import { CircleAlert, CircleCheck, CircleDashed, CircleSlash, type LucideIcon, RefreshCw } from "lucide-react";
import type { Tone } from "@/components/ui/badge";
import type { RecordState } from "@/lib/engine/vault-replications/schemas";

export const RECORD_WORDS: Readonly<Record<RecordState, { label: string; tone: Tone; icon: LucideIcon }>> = {
  waiting: { label: "Waiting", tone: "neutral", icon: CircleDashed },
  replicating: { label: "Replicating", tone: "petrol", icon: RefreshCw },
  succeeded: { label: "There", tone: "ok", icon: CircleCheck },
  failed: { label: "Failed", tone: "danger", icon: CircleAlert },
  skipped: { label: "Skipped", tone: "warn", icon: CircleSlash },
};
