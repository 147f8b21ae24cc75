import { CircleAlert, CircleCheck, CircleDashed, CircleSlash, type LucideIcon, RefreshCw } from "lucide-react";
import type { Tone } from "@/components/ui/badge";
import type { OutgoingFileReport } from "@/lib/engine/outgoing-files/schemas";
import type { ExchangeServerVersion } from "@/lib/engine/uploads/schemas";

/** "Exchange 2010"; a file for none serves for any. */
export function versionLabel(version: ExchangeServerVersion): string {
  if (version === "None") return "any version";
  if (version === "Unknown") return "unknown version";
  return version.replace("Exchange", "Exchange ");
}

export const STATE_WORDS: Readonly<
  Record<OutgoingFileReport["state"], { label: string; tone: Tone; icon: LucideIcon }>
> = {
  receiving: { label: "Receiving", tone: "petrol", icon: RefreshCw },
  queued: { label: "Queued", tone: "neutral", icon: CircleDashed },
  sending: { label: "Sending", tone: "petrol", icon: RefreshCw },
  sent: { label: "Sent", tone: "ok", icon: CircleCheck },
  failed: { label: "Failed", tone: "danger", icon: CircleAlert },
  cancelled: { label: "Cancelled", tone: "neutral", icon: CircleSlash },
};

/** How its progress line looks. */
export const LINE_STATES = {
  receiving: "moving",
  queued: "held",
  sending: "moving",
  sent: "done",
  failed: "failed",
  cancelled: "held",
} as const satisfies Record<OutgoingFileReport["state"], string>;

export const isOver = (file: OutgoingFileReport): boolean => file.endedAt !== null;
