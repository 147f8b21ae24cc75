import { setTimeout as pause } from "node:timers/promises";

const LOOK_MS = 100;

/**
 * Looks until `find` gives something, and gives it. `find` may be wrong for a while: an error counts as "not yet" and is told
 * with the failure. The deadline only ends a test that would never end.
 */
export async function until<T>(
  what: string,
  find: () => Promise<T | null | undefined | false> | T | null | undefined | false,
  deadlineMs = 90_000,
): Promise<T> {
  const started = performance.now();
  for (let last: unknown; ; ) {
    try {
      const found = await find();
      if (found) return found;
      last = found;
    } catch (error) {
      last = error;
    }
    if (performance.now() - started > deadlineMs)
      throw new Error(`${what}: not within ${deadlineMs / 1000} s`, { cause: last });
    await pause(LOOK_MS);
  }
}
