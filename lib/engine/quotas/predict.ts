/** How much there was at a moment. */
export interface UsagePoint {
  readonly at: Date;
  readonly bytes: number;
}

const DAY_MS = 86_400_000;
/** A shorter history says nothing of the next weeks. */
const HISTORY_DAYS_MIN = 3;
/** A date that lies further ahead is no prediction. */
const AHEAD_DAYS_MAX = 3_650;
/** Older points say less of tomorrow than they cost: every pair of points is looked at. */
const POINTS_MAX = 366;

/**
 * When `limit` bytes will be reached if things go on as they did: from the newest point on, by the median of the slopes between all
 * pairs of points (Theil–Sen), so that one large day, a step, or one that is missing does not move the date. `points`: one for each
 * day or so, in any order. null: it does not grow, the history is shorter than three days, or the date lies more than ten
 * years ahead. Already there: the moment of the newest point. Pure.
 */
export function predictExhaustion(points: readonly UsagePoint[], limit: number): Date | null {
  const sorted = points.toSorted((a, b) => a.at.getTime() - b.at.getTime()).slice(-POINTS_MAX);
  const first = sorted[0];
  const last = sorted.at(-1);
  if (!first || !last) return null;
  if (last.bytes >= limit) return last.at;
  if (last.at.getTime() - first.at.getTime() < HISTORY_DAYS_MIN * DAY_MS) return null;
  const slope = medianSlope(sorted);
  if (slope <= 0) return null;
  const aheadMs = (limit - last.bytes) / slope;
  return aheadMs > AHEAD_DAYS_MAX * DAY_MS ? null : new Date(last.at.getTime() + Math.ceil(aheadMs));
}

/** Bytes per millisecond; 0 for points that all lie at one moment. */
function medianSlope(sorted: readonly UsagePoint[]): number {
  const slopes: number[] = [];
  for (const [index, from] of sorted.entries())
    for (const to of sorted.slice(index + 1)) {
      const elapsed = to.at.getTime() - from.at.getTime();
      if (elapsed > 0) slopes.push((to.bytes - from.bytes) / elapsed);
    }
  slopes.sort((a, b) => a - b);
  const middle = slopes.length >> 1;
  const upper = slopes[middle] ?? 0;
  return slopes.length % 2 === 1 ? upper : ((slopes[middle - 1] ?? 0) + upper) / 2;
}
