import { predictExhaustion, type UsagePoint } from "@/lib/engine/quotas/predict";
import { formatPercent } from "@/lib/format";
import type { FoundAlert } from "../reconcile";

/** A repository and the disk under it, as the watch reads them. */
export interface WatchedSpace {
  readonly id: string;
  readonly name: string;
  readonly freeBytes: number;
  readonly totalBytes: number;
  /** What its packs came to at the end of each day of the last month, and now. */
  readonly history: readonly UsagePoint[];
}

const DAY_MS = 86_400_000;
const WARNING_DAYS = 30;
const CRITICAL_DAYS = 7;
/** Below this a restore or two decide. */
const CRITICAL_SHARE = 0.05;

/** Decides whether people should know that a repository fills up, and says when it will be full if things go on as they did. Pure. */
export function judgeFilling(space: WatchedSpace, now: Date): FoundAlert | null {
  const { freeBytes, totalBytes } = space;
  if (totalBytes <= 0) return null;
  const used = space.history.at(-1)?.bytes ?? 0;
  const fullAt = freeBytes <= 0 ? now : predictExhaustion(space.history, used + freeBytes);
  const share = freeBytes / totalBytes;
  const daysLeft = fullAt ? (fullAt.getTime() - now.getTime()) / DAY_MS : Number.POSITIVE_INFINITY;
  const isScarce = share < CRITICAL_SHARE;
  if (daysLeft >= WARNING_DAYS && !isScarce) return null;
  const day = fullAt && daysLeft < WARNING_DAYS ? fullAt.toISOString().slice(0, 10) : null;
  const left = `${formatPercent(share)} of its disk is free.`;
  return {
    kind: "repository-filling",
    severity: daysLeft < CRITICAL_DAYS || isScarce ? "critical" : "warning",
    subjectKind: "repository",
    subjectId: space.id,
    title: titleOf(space, day),
    detail: day ? `${left} The date follows from the growth of the last 30 days.` : left,
  };
}

function titleOf({ name, freeBytes }: WatchedSpace, day: string | null): string {
  if (freeBytes <= 0) return `${name} is full`;
  return day ? `${name} will be full about ${day}` : `${name} is almost full`;
}
