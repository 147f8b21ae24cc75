/** What a snapshot rule keeps; null: no limit. */
export interface Kept {
  readonly retentionHours: number | null;
  readonly retentionCount: number | null;
}

/** For people: "points for 30 days, at most 7 of an agent". */
export function keptInWords({ retentionHours, retentionCount }: Kept): string {
  if (retentionHours === null && retentionCount === null) return "points for ever";
  const inDays = retentionHours !== null && retentionHours % 24 === 0;
  const time = inDays ? counted(retentionHours / 24, "day") : counted(retentionHours ?? 0, "hour");
  return `points${retentionHours === null ? "" : ` for ${time}`}${retentionCount === null ? "" : `, at most ${retentionCount} of an agent`}`;
}

const counted = (count: number, unit: string) => `${count} ${unit}${count === 1 ? "" : "s"}`;

const less = (after: number | null, before: number | null) =>
  (after ?? Number.POSITIVE_INFINITY) < (before ?? Number.POSITIVE_INFINITY);

/** Does a rule keep its points for a shorter time, or fewer of them, than it did? */
export const keepsLess = (after: Kept, before: Kept): boolean =>
  less(after.retentionHours, before.retentionHours) || less(after.retentionCount, before.retentionCount);

/** Of several rules, the longest time and the largest number. */
function most(rules: readonly Kept[]): Kept {
  const largest = (limits: readonly (number | null)[]) =>
    limits.includes(null) ? null : Math.max(...limits.map(Number));
  return {
    retentionHours: largest(rules.map(({ retentionHours }) => retentionHours)),
    retentionCount: largest(rules.map(({ retentionCount }) => retentionCount)),
  };
}

/** Do these rules, in the place of those, keep less? Without any there is nothing that would expire: what was captured stays as it was. */
export const rulesKeepLess = (after: readonly Kept[], before: readonly Kept[]): boolean =>
  after.length > 0 && before.length > 0 && keepsLess(most(after), most(before));
