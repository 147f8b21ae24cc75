import "server-only";
import type { EngineContext } from "@/lib/engine/context";
import { TwincoreError } from "@/lib/errors";

/** Attempts are counted in windows of this length. */
const WINDOW_SECONDS = 15 * 60;
const DELAY_FIRST_SECONDS = 30;
/** Locks out a guesser for long enough, and a person who forgot a password not for the day. */
const DELAY_MAX_SECONDS = 15 * 60;

/**
 * Counts an attempt before it is made, so that attempts side by side count too. `limit` are free in a window; after that
 * each one doubles the wait. Throws too_many_requests with the seconds to wait.
 */
export async function takeAttempt(ctx: EngineContext, key: string, limit: number): Promise<void> {
  const now = ctx.now();
  const windowBegin = new Date(now.getTime() - WINDOW_SECONDS * 1000);
  const counted = await ctx.db.prisma.$executeRaw`
    insert into throttle (key, count, window_start) values (${key}, 1, ${now})
    on conflict (key) do update set
      count = case when throttle.window_start < ${windowBegin} then 1 else throttle.count + 1 end,
      window_start = case when throttle.window_start < ${windowBegin} then ${now} else throttle.window_start end,
      blocked_until = case when throttle.window_start < ${windowBegin} or throttle.count + 1 < ${limit}::int then null
        else ${now}::timestamptz + make_interval(secs => least(${DELAY_MAX_SECONDS}::float8,
          ${DELAY_FIRST_SECONDS}::float8 * power(2, least(throttle.count + 1 - ${limit}::int, 10)))) end
    where throttle.blocked_until is null or throttle.blocked_until <= ${now}`;
  if (counted > 0) return;
  const row = await ctx.db.prisma.throttle.findUnique({ where: { key }, select: { blockedUntil: true } });
  const waitMs = (row?.blockedUntil?.getTime() ?? now.getTime()) - now.getTime();
  const retryAfterSeconds = Math.max(1, Math.ceil(waitMs / 1000));
  throw new TwincoreError("too_many_requests", `Too many attempts. Try again in ${inWords(retryAfterSeconds)}.`, {
    retryAfterSeconds,
  });
}

/** Gives an attempt back, because it was right: scripts that send a password with every call never use up what is free. */
export async function returnAttempt(ctx: EngineContext, key: string): Promise<void> {
  await ctx.db.prisma.$executeRaw`
    update throttle set count = greatest(count - 1, 0), blocked_until = null where key = ${key}`;
}

/** Forgets the attempts of a key, because one was right. */
export async function clearAttempts(ctx: EngineContext, key: string): Promise<void> {
  await ctx.db.prisma.throttle.deleteMany({ where: { key } });
}

/** Removes counters that no longer count. */
export async function forgetOldAttempts(ctx: EngineContext): Promise<void> {
  const before = new Date(ctx.now().getTime() - 2 * WINDOW_SECONDS * 1000);
  await ctx.db.prisma.throttle.deleteMany({ where: { windowStart: { lt: before } } });
}

function inWords(seconds: number): string {
  return seconds < 90 ? `${seconds} seconds` : `${Math.ceil(seconds / 60)} minutes`;
}
