import { CircleAlert, CircleCheck, Eye, Info, type LucideIcon, TriangleAlert } from "lucide-react";
import type { Tone } from "@/components/ui/badge";
import type { Alert, AlertSeverity, AlertState } from "@/lib/engine/alerts/schemas";

interface Word {
  label: string;
  tone: Tone;
  icon: LucideIcon;
}

export const SEVERITY_WORDS: Readonly<Record<AlertSeverity, Word>> = {
  critical: { label: "Critical", tone: "danger", icon: CircleAlert },
  warning: { label: "Warning", tone: "warn", icon: TriangleAlert },
  info: { label: "Notice", tone: "petrol", icon: Info },
};

export const ALERT_STATE_WORDS: Readonly<Record<AlertState, Word>> = {
  open: { label: "Open", tone: "danger", icon: CircleAlert },
  acknowledged: { label: "Seen to", tone: "petrol", icon: Eye },
  cleared: { label: "Over", tone: "ok", icon: CircleCheck },
};

/** The page on which something can be done about it, and what that page is called. */
export function subjectOf({ subject, kind }: Alert): { href: string; label: string } {
  switch (subject.kind) {
    case "session":
      return { href: `/sessions/${subject.id}`, label: "Open the session" };
    case "repository":
      return { href: `/repositories/${subject.id}`, label: "Open the repository" };
    case "agent":
      return { href: `/agents/${subject.id}`, label: "Open the agent" };
    case "tenant":
      return { href: `/tenants/${subject.id}`, label: "Open the tenant" };
    case "pairing":
      return kind === "pairing-waiting"
        ? { href: "/pairing", label: "Answer the request" }
        : { href: `/pairing/${subject.id}`, label: "Open the pairing" };
    case "two-person-request":
      return { href: "/two-person", label: "Open the requests" };
    case "channel":
      return { href: "/alerts?tab=channels", label: "Open the channels" };
    case "job":
      return { href: "/alerts", label: "All alerts" };
    default:
      return subject.kind satisfies never;
  }
}
