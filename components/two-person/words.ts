import { Ban, CircleAlert, CircleCheck, Hourglass, type LucideIcon, TimerOff, Undo2 } from "lucide-react";
import type { Tone } from "@/components/ui/badge";
import type { TwoPersonRequest, TwoPersonState } from "@/lib/engine/protection/schemas";

interface Word {
  label: string;
  tone: Tone;
  icon: LucideIcon;
}

export const STATE_WORDS: Readonly<Record<TwoPersonState, Word>> = {
  waiting: { label: "Waits", tone: "warn", icon: Hourglass },
  approved: { label: "Agreed to", tone: "petrol", icon: CircleCheck },
  denied: { label: "Denied", tone: "neutral", icon: Ban },
  expired: { label: "Expired", tone: "neutral", icon: TimerOff },
  cancelled: { label: "Taken back", tone: "neutral", icon: Undo2 },
  done: { label: "Done", tone: "ok", icon: CircleCheck },
  failed: { label: "Failed", tone: "danger", icon: CircleAlert },
};

const DOORS: Readonly<Record<string, string>> = {
  browser: "in the dashboard",
  api: "through the API",
  unitrends: "through the Unitrends API",
  powerstore: "through the PowerStore API",
  cbr: "through the CBR API",
  veeam: "through the Veeam API",
};

export const doorInWords = (door: string): string => DOORS[door] ?? `through ${door}`;

/** Who is needed, in words: "an administrator or approver with another account". */
export const neededInWords = ({ agreers }: Pick<TwoPersonRequest, "agreers">): string =>
  `an ${agreers.join(" or ")} with another account`;
