import { nextSlot, type Schedule } from "@/lib/engine/snapshot-rules/slots";

/** A snapshot rule, as far as it says when. */
export interface PlannedRule extends Schedule {
  readonly id: string;
  readonly retentionHours: number | null;
  readonly retentionCount: number | null;
}

/** Volumes that follow the same rules: those of a policy of their own, or the others of the agent. */
export interface PlannedUnit {
  readonly volumeIds: readonly string[];
  readonly rules: readonly PlannedRule[];
}

/** What replication asks for: a point that is younger than half the RPO. */
export interface Cycle {
  readonly rpoSeconds: number;
  /** The moment that the newest point of all volumes shows; null: there is none. */
  readonly newestAt: Date | null;
}

export interface AgentSchedule {
  readonly units: readonly PlannedUnit[];
  readonly cycle: Cycle | null;
  /** Up to when slots were done or missed. */
  readonly scheduledUpTo: Date;
}

export interface CapturePlan {
  /** null: nothing is due. */
  readonly capture: {
    readonly origin: "scheduled" | "replication";
    readonly rule: PlannedRule | null;
    readonly volumeIds: string[];
  } | null;
  /** When to look again; null: nothing will be due by itself. */
  readonly nextAt: Date | null;
}

/**
 * What an agent's policies ask for now. However many slots were missed, there is one capture, for all volumes that are due. It is
 * credited to the due rule that keeps its points longest, so that nobody loses a point to a shorter rule that fell on the same moment. Pure.
 */
export function planCapture({ units, cycle, scheduledUpTo }: AgentSchedule, now: Date): CapturePlan {
  const due = units.flatMap((unit) => {
    const rules = unit.rules.filter((rule) => isBefore(nextSlot(rule, scheduledUpTo), now));
    return rules.length > 0 ? [{ unit, rules }] : [];
  });
  const isCycleDue = cycle !== null && ageMs(cycle, now) >= halfMs(cycle);
  const chosen = isCycleDue ? units : due.map(({ unit }) => unit);
  const volumeIds = [...new Set(chosen.flatMap((unit) => unit.volumeIds))];
  const [rule = null] = due.flatMap(({ rules }) => rules).toSorted(byRetention);
  const capture =
    rule || isCycleDue ? { origin: rule ? ("scheduled" as const) : ("replication" as const), rule, volumeIds } : null;
  return { capture, nextAt: nextLook(units, cycle, isCycleDue, now) };
}

function nextLook(units: readonly PlannedUnit[], cycle: Cycle | null, isCycleDue: boolean, now: Date): Date | null {
  const times = units.flatMap(({ rules }) => rules.flatMap((rule) => nextSlot(rule, now)?.getTime() ?? []));
  // A capture that cannot be made, or takes long, is asked for again in half an RPO, not at once.
  if (cycle) times.push(now.getTime() + (isCycleDue ? halfMs(cycle) : halfMs(cycle) - ageMs(cycle, now)));
  return times.length > 0 ? new Date(Math.min(...times)) : null;
}

const halfMs = ({ rpoSeconds }: Cycle): number => (rpoSeconds * 1000) / 2;

/** Never below zero: a point of the future (the clock was put back) is as good as one of now. */
const ageMs = ({ newestAt }: Cycle, now: Date): number =>
  newestAt === null ? Number.POSITIVE_INFINITY : Math.max(0, now.getTime() - newestAt.getTime());

const isBefore = (slot: Date | null, now: Date): boolean => slot !== null && slot <= now;

/** The longest first; without an end is longest. */
function byRetention(a: PlannedRule, b: PlannedRule): number {
  const forever = Number.MAX_SAFE_INTEGER;
  const hours = (b.retentionHours ?? forever) - (a.retentionHours ?? forever);
  return hours || (b.retentionCount ?? forever) - (a.retentionCount ?? forever) || (a.id < b.id ? -1 : 1);
}
