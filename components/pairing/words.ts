import { Ban, CircleCheck, CircleDashed, CircleSlash, CircleX, Clock, type LucideIcon, Unplug } from "lucide-react";
import type { z } from "zod";
import type { Tone } from "@/components/ui/badge";
import type { PairingState, PairingWay } from "@/lib/engine/pairing/schemas";

export const PAIRING_WORDS: Readonly<
  Record<z.infer<typeof PairingState>, { label: string; tone: Tone; icon: LucideIcon }>
> = {
  pending: { label: "Waiting for approval", tone: "warn", icon: Clock },
  established: { label: "Paired", tone: "ok", icon: CircleCheck },
  denied: { label: "Denied", tone: "danger", icon: CircleX },
  ignored: { label: "Dismissed", tone: "neutral", icon: CircleDashed },
  blocked: { label: "Blocked for good", tone: "danger", icon: Ban },
  expired: { label: "Expired unanswered", tone: "neutral", icon: CircleSlash },
  deleted: { label: "Ended", tone: "neutral", icon: Unplug },
};

/** How a pairing came about. */
export const WAY_WORDS: Readonly<Record<z.infer<typeof PairingWay>, string>> = {
  request: "by request, answered by a person",
  demand: "by an administrator of the target, at once",
  token: "by an enrolment token, at once",
};

export const touches = [["pairings"], ["agents"], ["sessions"], ["overview"]] as const;

/** Who decided, as a page shows it: "account:ada@example" is kept for the audit, people read the rest. */
export const personName = (actor: string | null) =>
  actor?.replace(/^account:/, "").replace(/^token:/, "the token ") ?? null;
