import type { ReplicationSession } from "@/prisma/generated/client";
import { Prisma } from "@/prisma/generated/client";
import type { SessionView } from "./peer-schemas";
import type { SessionState } from "./schemas";

/** How the views of two cores are compared and put together. Pure. */

type Standing = Pick<SessionView, "role" | "state" | "epoch" | "revision" | "pausedBy" | "steps" | "keepSide">;

/** What orders decide about a state; how far the copying is, is the calling side's business. */
export function controlOf(state: SessionState): SessionState | "copying" {
  switch (state) {
    case "initializing":
    case "ok":
    case "synchronizing":
    case "system_paused":
    case "resuming":
      return "copying";
    case "pausing":
      return "paused";
    default:
      return state;
  }
}

/** Does their view count more than ours? Roles have changed more often, or more orders were given; else the core that is current is right. */
export function isNewer(theirs: Standing, ours: Standing): boolean {
  if (theirs.epoch !== ours.epoch) return theirs.epoch > ours.epoch;
  if (theirs.revision !== ours.revision) return theirs.revision > ours.revision;
  return theirs.role === "source" && ours.role === "destination" && differ(theirs, ours);
}

/** Do both stand where the other one thinks? */
export function agree(theirs: Standing, ours: Standing): boolean {
  return theirs.epoch === ours.epoch && theirs.revision === ours.revision && !differ(theirs, ours);
}

function differ(theirs: Standing, ours: Standing): boolean {
  const a = controlOf(theirs.state);
  return (
    a !== controlOf(ours.state) ||
    (a === "paused" && theirs.pausedBy !== ours.pausedBy) ||
    theirs.steps.join() !== ours.steps.join() ||
    theirs.keepSide !== ours.keepSide
  );
}

/** Which core is current follows from how often the roles have changed: at first it is the one that calls. */
export function isPossible(view: Pick<SessionView, "role" | "epoch">, side: "source" | "target"): boolean {
  const callerIsCurrent = view.epoch % 2 === 0;
  return (view.role === "source") === (callerIsCurrent === (side === "source"));
}

export const otherRole = (role: SessionView["role"]): SessionView["role"] =>
  role === "source" ? "destination" : "source";

/** Our state when theirs counts: `isRunning`, a run here still has to come to its end. */
export function stateAfter(
  ours: Pick<ReplicationSession, "state" | "side">,
  theirs: SessionState,
  isRunning: boolean,
): SessionState {
  const control = controlOf(theirs);
  if (control === "paused") return isRunning ? "pausing" : "paused";
  if (control === "failing_over_for_dr" || control === "deleting" || control === "ended") return ours.state;
  if (control !== "copying") return control;
  if (ours.side === "target") return theirs;
  return controlOf(ours.state) === "copying" ? ours.state : "resuming";
}

/** For columns that are JSON. */
export const jsonOrNull = (value: Prisma.InputJsonValue | null) => value ?? Prisma.DbNull;
