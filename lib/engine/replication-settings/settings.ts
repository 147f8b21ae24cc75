import "server-only";
import { withTransaction } from "@/lib/db/transaction";
import type { EngineContext } from "@/lib/engine/context";
import { readSetting, writeSetting } from "@/lib/engine/settings";
import type { ReplicationSettings, ThrottleReport, ThrottleSchedule, UpdateReplicationSettingsInput } from "./schemas";
import { throttleAt } from "./throttle-at";

/** How many runs go on at once, in which order waiting ones begin, and who wants reports. */
export function getReplicationSettings(
  ctx: EngineContext,
  _input: Record<string, never>,
): Promise<ReplicationSettings> {
  return readSetting(ctx.db.prisma, "replication");
}

/** Changes what is given. Runs that go on stay; the next one that would begin follows. */
export function updateReplicationSettings(
  ctx: EngineContext,
  input: UpdateReplicationSettingsInput,
): Promise<ReplicationSettings> {
  return withTransaction(ctx.db, async (tx) => {
    // Two people who change different things at once both have their way.
    await tx.$executeRaw`select pg_advisory_xact_lock(hashtext('setting:replication'))`;
    const before = await readSetting(tx, "replication");
    const given = Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined));
    const after = { ...before, ...given };
    await writeSetting(tx, ctx, "replication", after);
    return after;
  });
}

/** The schedule, and what it says just now. */
export async function getThrottle(ctx: EngineContext, _input: Record<string, never>): Promise<ThrottleReport> {
  return report(ctx, await readSetting(ctx.db.prisma, "replicationThrottle"));
}

/** Replaces the schedule as a whole. Runs that go on follow it within about a second. */
export async function setThrottle(ctx: EngineContext, schedule: ThrottleSchedule): Promise<ThrottleReport> {
  await withTransaction(ctx.db, (tx) => writeSetting(tx, ctx, "replicationThrottle", schedule));
  return report(ctx, schedule);
}

const report = (ctx: EngineContext, schedule: ThrottleSchedule): ThrottleReport => ({
  ...schedule,
  now: throttleAt(schedule, ctx.now()),
});
