import { formatDuration } from "@/lib/format";
import type { FoundAlert } from "../reconcile";
import type { AlertKind } from "../schemas";

/** The kinds that a look at sessions raises and clears. */
export const SESSION_KINDS = [
  "rpo-at-risk",
  "rpo-breached",
  "no-success",
  "session-failing",
] as const satisfies AlertKind[];

/** One failure is a try; so many in a row are a state. */
export const FAILURES_MIN = 3;
const FAILURES_CRITICAL = 10;
/** So much of the RPO may pass before a session at which nothing runs is at risk. */
const RISK_SHARE = 0.75;
/** So many RPOs without a success, whether anything failed or not. */
const SILENT_RPOS = 2;

/** A session as the watch reads it. */
export interface WatchedSession {
  id: string;
  side: "source" | "target";
  role: "source" | "destination";
  state: string;
  pausedBy: string | null;
  pairingId: string;
  peerName: string;
  agentName: string;
  tenantId: string;
  rpoSeconds: number;
  thresholdMinutes: number;
  createdAt: Date;
  newestPointAt: Date | null;
  lastSuccessAt: Date | null;
  nextRunAt: Date | null;
  lastSyncMs: number | null;
  consecutiveFailures: number;
  failureMessage: string | null;
  isRunning: boolean;
  etaSeconds: number | null;
  /** The agent's newest recovery point on this core. */
  newestHereAt: Date | null;
}

/** Decides which alerts a session deserves at this moment. Pure. */
export function judgeSession(session: WatchedSession, now: Date): FoundAlert[] {
  return [...judgeLag(session, now), ...judgeSilence(session, now), ...judgeFailures(session)];
}

const secondsBetween = (from: Date, to: Date) => (to.getTime() - from.getTime()) / 1000;

/** Breached or at risk, never both. */
function judgeLag(session: WatchedSession, now: Date): FoundAlert[] {
  const lag = secondsBetween(session.newestPointAt ?? session.createdAt, now);
  const allowed = session.rpoSeconds + session.thresholdMinutes * 60;
  if (lag > allowed)
    return [
      {
        ...subjectOf(session),
        kind: "rpo-breached",
        severity: "critical",
        title: `${session.agentName} is behind its RPO`,
        detail: [newestText(session), objectiveText(session), waitText(session), stateText(session)]
          .filter(Boolean)
          .join(" "),
      },
    ];
  const reason = riskOf(session, lag, allowed, now);
  if (!reason) return [];
  return [
    {
      ...subjectOf(session),
      kind: "rpo-at-risk",
      severity: "warning",
      title: `${session.agentName} will miss its RPO`,
      detail: [reason, newestText(session), objectiveText(session), stateText(session)].filter(Boolean).join(" "),
    },
  ];
}

function riskOf(session: WatchedSession, lag: number, allowed: number, now: Date): string | null {
  const { isRunning, etaSeconds, nextRunAt, lastSyncMs } = session;
  if (isRunning)
    return etaSeconds !== null && lag + etaSeconds > allowed
      ? "At the present rate the run ends after the RPO has passed."
      : null;
  const toNext = nextRunAt ? Math.max(0, secondsBetween(now, nextRunAt)) : null;
  if (toNext !== null && lag + toNext + (lastSyncMs ?? 0) / 1000 > allowed)
    return "The next run begins too late to end within the RPO.";
  return lag > session.rpoSeconds * RISK_SHARE ? "Three quarters of the RPO have passed, and nothing runs." : null;
}

/** The absence of success, even when nothing failed. */
function judgeSilence(session: WatchedSession, now: Date): FoundAlert[] {
  const patience = session.rpoSeconds * SILENT_RPOS;
  const succeeded = session.lastSuccessAt ?? session.createdAt;
  const newest = session.newestPointAt ?? session.createdAt;
  if (secondsBetween(succeeded, now) <= patience || secondsBetween(newest, now) <= patience) return [];
  const since = session.lastSuccessAt
    ? `The last success was at ${moment(session.lastSuccessAt)}.`
    : `There has been none since it was made, at ${moment(session.createdAt)}.`;
  const why = isReceiving(session)
    ? `Nothing new has come from “${session.peerName}”.`
    : hasNewer(session)
      ? "Newer recovery points wait here."
      : "The agent has made no newer recovery point.";
  return [
    {
      ...subjectOf(session),
      kind: "no-success",
      severity: "warning",
      title: `${session.agentName} has had no success for twice its RPO`,
      detail: [since, why, stateText(session)].filter(Boolean).join(" "),
    },
  ];
}

function judgeFailures(session: WatchedSession): FoundAlert[] {
  const { consecutiveFailures: times } = session;
  if (times < FAILURES_MIN) return [];
  return [
    {
      ...subjectOf(session),
      kind: "session-failing",
      severity: times >= FAILURES_CRITICAL ? "critical" : "warning",
      title: `${session.agentName} fails again and again`,
      detail: [session.failureMessage, stateText(session)].filter(Boolean).join(" "),
      count: times,
    },
  ];
}

const subjectOf = ({ id, tenantId }: WatchedSession) => ({ subjectKind: "session" as const, subjectId: id, tenantId });

/** The data comes to this core. */
const isReceiving = ({ side, role }: WatchedSession) =>
  side === "target" ? role === "destination" : role !== "source";

const hasNewer = ({ newestHereAt, newestPointAt }: WatchedSession) =>
  newestHereAt !== null && (newestPointAt === null || newestHereAt > newestPointAt);

/** To the minute, in UTC: an alert's words stay the same while nothing changes. */
const moment = (at: Date) => `${at.toISOString().slice(0, 16).replace("T", " ")} UTC`;

const newestText = ({ newestPointAt, createdAt }: WatchedSession) =>
  newestPointAt
    ? `The newest point that is complete on the target is of ${moment(newestPointAt)}.`
    : `No point is complete on the target yet; the session was made at ${moment(createdAt)}.`;

const objectiveText = ({ rpoSeconds, thresholdMinutes }: WatchedSession) =>
  thresholdMinutes > 0
    ? `The RPO is ${formatDuration(rpoSeconds)}, and its rule allows ${formatDuration(thresholdMinutes * 60)} more.`
    : `The RPO is ${formatDuration(rpoSeconds)}.`;

function waitText(session: WatchedSession): string {
  if (session.isRunning) return "A run goes on.";
  if (isReceiving(session)) return "";
  return hasNewer(session) ? "Newer points wait to be copied." : "The agent has made no newer point.";
}

function stateText({ state, pausedBy }: WatchedSession): string {
  switch (state) {
    case "paused":
    case "pausing":
      return pausedBy ? `It is paused on the ${pausedBy}.` : "It is paused.";
    case "failed_over":
    case "failing_over":
    case "failing_over_for_dr":
      return "It has failed over: nothing is copied until somebody reprotects it.";
    default:
      return "";
  }
}
