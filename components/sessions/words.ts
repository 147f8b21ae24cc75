import {
  ArrowRightLeft,
  CircleAlert,
  CircleCheck,
  CircleDashed,
  CirclePause,
  CircleSlash,
  type LucideIcon,
  RefreshCw,
} from "lucide-react";
import type { z } from "zod";
import type { Tone } from "@/components/ui/badge";
import type { LimitedBy, RunPhase, RunReport, SessionState, SessionSummary } from "@/lib/engine/sessions/schemas";
import { formatDuration, formatRate, shareOf } from "@/lib/format";

interface Word {
  label: string;
  tone: Tone;
  icon: LucideIcon;
}

export const SESSION_WORDS: Readonly<Record<SessionState, Word>> = {
  initializing: { label: "First copy due", tone: "neutral", icon: CircleDashed },
  ok: { label: "Up to date", tone: "ok", icon: CircleCheck },
  synchronizing: { label: "Replicating", tone: "petrol", icon: RefreshCw },
  pausing: { label: "Pausing", tone: "neutral", icon: CirclePause },
  paused: { label: "Paused", tone: "neutral", icon: CirclePause },
  resuming: { label: "Resuming", tone: "petrol", icon: RefreshCw },
  system_paused: { label: "Waiting to retry", tone: "warn", icon: CircleAlert },
  failing_over: { label: "Failing over", tone: "warn", icon: ArrowRightLeft },
  failing_over_for_dr: { label: "Failing over without source", tone: "warn", icon: ArrowRightLeft },
  failed_over: { label: "Failed over", tone: "warn", icon: ArrowRightLeft },
  reprotecting: { label: "Reprotecting", tone: "petrol", icon: ArrowRightLeft },
  deleting: { label: "Being removed", tone: "neutral", icon: CircleSlash },
  ended: { label: "Ended", tone: "neutral", icon: CircleSlash },
};

export const RUN_WORDS: Readonly<Record<RunReport["state"], Word>> = {
  queued: { label: "Queued", tone: "neutral", icon: CircleDashed },
  running: { label: "Running", tone: "petrol", icon: RefreshCw },
  paused: { label: "Paused", tone: "neutral", icon: CirclePause },
  succeeded: { label: "Succeeded", tone: "ok", icon: CircleCheck },
  failed: { label: "Failed", tone: "danger", icon: CircleAlert },
  cancelled: { label: "Cancelled", tone: "neutral", icon: CircleSlash },
};

export const PHASES: readonly { phase: z.infer<typeof RunPhase>; label: string }[] = [
  { phase: "plan", label: "Plan" },
  { phase: "metadata", label: "Metadata" },
  { phase: "negotiate", label: "Negotiate" },
  { phase: "transfer", label: "Transfer" },
  { phase: "commit", label: "Commit" },
  { phase: "finish", label: "Finish" },
];

export const phaseLabel = (phase: RunReport["phase"]) => PHASES.find((one) => one.phase === phase)?.label ?? phase;

export const isMoving = (run: RunReport | null) => run?.state === "running" || run?.state === "queued";

/** From where to where points travel, as seen from this core. It turns with a failover. */
export const direction = ({ role, peer }: Pick<SessionSummary, "role" | "peer">) =>
  role === "source" ? `to ${peer.name}` : `from ${peer.name}`;

/** Which of the two this core is. */
export const ROLE_WORDS: Readonly<Record<SessionSummary["role"], { label: string; tone: Tone }>> = {
  source: { label: "This core is current", tone: "copper" },
  destination: { label: "This core follows", tone: "petrol" },
};

/** Do points travel to the core that does the calling? Then its runs fetch. */
export const isFetching = ({ side, role }: Pick<SessionSummary, "side" | "role">) =>
  (side === "source") === (role === "destination");

/** What holds a run back just now, in a sentence. */
export function limitSentence(
  limitedBy: z.infer<typeof LimitedBy>,
  capBytesPerSecond: number | null,
  fetches = false,
): string {
  switch (limitedBy) {
    case "nothing":
      return "Nothing holds it back.";
    case "source-disk":
      return "Limited by reading from the source's disk.";
    case "network":
      return "Limited by the network between the two cores.";
    case "target":
      return fetches
        ? "Limited by the other core: it hands out records as fast as it can."
        : "Limited by the target: it verifies and writes as fast as it can.";
    case "rate-cap":
      return capBytesPerSecond
        ? `Limited by the rate cap of ${formatRate(capBytesPerSecond)}. You can change it while this runs.`
        : "Limited by the rate cap of this pairing.";
    default:
      return limitedBy satisfies never;
  }
}

export interface Lag {
  kind: "none" | "within" | "near" | "behind";
  text: string;
  /** Of the objective; above 1 it is missed. */
  share: number;
}

/** Three quarters of the objective used up: still in time, but look. */
const NEAR_SHARE = 0.75;

/** Lag against the recovery point objective. */
export function lagOf(session: Pick<SessionSummary, "lagSeconds" | "rpoSeconds">): Lag {
  const { lagSeconds, rpoSeconds } = session;
  if (lagSeconds === null) return { kind: "none", text: "Nothing replicated yet", share: 0 };
  const share = lagSeconds / rpoSeconds;
  const lag = formatDuration(lagSeconds);
  if (share > 1) return { kind: "behind", text: `${lag}, over the RPO of ${formatDuration(rpoSeconds)}`, share };
  const kind = share > NEAR_SHARE ? "near" : "within";
  return { kind, text: `${lag} of ${formatDuration(rpoSeconds)}`, share };
}

/** 0…1; null while the run does not know yet how much there is. A run that found nothing to do is whole, too. */
export function runShare(run: RunReport): number | null {
  if (run.state === "succeeded") return 1;
  return run.bytesTotal > 0 ? shareOf(run.bytesDone, run.bytesTotal) : null;
}

/** The ones to look at first: failing, then furthest behind. */
export function worstFirst(a: SessionSummary, b: SessionSummary): number {
  const weight = (session: SessionSummary) =>
    session.state === "ended"
      ? -1
      : (session.failure ? 1e6 : 0) + (session.lagSeconds === null ? 1 : lagOf(session).share);
  return weight(b) - weight(a);
}
