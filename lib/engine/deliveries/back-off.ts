const FIRST_MS = 30_000;
const LONGEST_MS = 3_600_000;
/** After a day nobody waits for the message any more. */
export const GIVEN_UP_MS = 24 * 3600_000;

/** When a message is tried again after so many attempts: 30 s, doubled each time up to an hour. null: it is given up, a day after it was due. Pure. */
export function nextAttempt(attempts: number, dueAt: Date, now: Date): Date | null {
  if (now.getTime() - dueAt.getTime() >= GIVEN_UP_MS) return null;
  const waitMs = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(Math.max(0, attempts - 1), 20));
  return new Date(now.getTime() + waitMs);
}
