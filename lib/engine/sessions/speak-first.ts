import "server-only";
import type { EngineContext } from "@/lib/engine/context";
import { Stopped } from "@/lib/engine/replication/control";
import type { LeasedRun } from "@/lib/engine/replication/lease";
import type { TargetCore } from "@/lib/engine/replication/target-core";
import type { SessionState } from "./schemas";
import { isAtRest } from "./state";
import { converse } from "./tell";

/** In these both cores must stand the same before anything is copied. */
const UNSETTLED: ReadonlySet<SessionState> = new Set<SessionState>(["resuming", "failing_over", "reprotecting"]);

/**
 * At the start of a run: when an order is not heard yet, or roles are about to change or have, both cores compare their views
 * first. Else it costs no call. Throws Stopped when it turns out that nothing is to be copied.
 */
export async function speakFirst(ctx: EngineContext, leased: LeasedRun, target: TargetCore): Promise<void> {
  const { session } = leased;
  if (session.revision <= session.heardRevision && !UNSETTLED.has(session.state)) return;
  await converse(ctx, target, session.id);
  const now = await ctx.db.prisma.replicationSession.findUniqueOrThrow({
    where: { id: session.id },
    include: { agent: true, pairing: true },
  });
  Object.assign(session, now);
  if (isAtRest(now) || now.state === "paused") throw new Stopped("cancelled");
}
