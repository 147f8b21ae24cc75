import { CircleCheck, CircleX, Clock, type LucideIcon } from "lucide-react";
import type { Tone } from "@/components/ui/badge";
import type { PairingSummary, WantedAgent } from "@/lib/engine/pairing/schemas";

export const AGENT_ANSWERS: Readonly<Record<WantedAgent["state"], { label: string; tone: Tone; icon: LucideIcon }>> = {
  pending: { label: "waiting for an answer", tone: "warn", icon: Clock },
  approved: { label: "taken", tone: "ok", icon: CircleCheck },
  denied: { label: "not taken", tone: "neutral", icon: CircleX },
};

export const openAgents = (pairing: PairingSummary): WantedAgent[] =>
  pairing.wantedAgents.filter((agent) => agent.state === "pending");

/** Its agents as a page lists them: in a pairing that has ended nobody waits any more. */
export const answersOf = (pairing: PairingSummary): WantedAgent[] =>
  pairing.state === "established"
    ? pairing.wantedAgents
    : pairing.wantedAgents.map((agent) => (agent.state === "pending" ? { ...agent, state: "denied" } : agent));

/** The other core's checks in the words of a person. */
export const CHECK_WORDS: Readonly<Record<string, string>> = {
  version: "The versions fit together",
  limit: "The pairing has room for these agents",
  owner: "The agents belong to nobody else there",
  name: "No other agent has the name and host",
  repository: "A repository is there",
  space: "There is space for what will arrive",
  quota: "The quota is large enough",
};
