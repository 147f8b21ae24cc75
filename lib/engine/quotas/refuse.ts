import "server-only";
import type { Tx } from "@/lib/db/client";
import { withTransaction } from "@/lib/db/transaction";
import type { EngineContext } from "@/lib/engine/context";
import { emitEvent } from "@/lib/engine/events/emit";
import { TwincoreError } from "@/lib/errors";
import type { CheckQuotaInput, Refusal } from "./check";

/** Keeps the refusal, and throws it: `storage_full` with detail "quota". */
export async function refuse(ctx: EngineContext, input: CheckQuotaInput, refusal: Refusal): Promise<never> {
  await noteRefusal(ctx, input, refusal);
  throw new TwincoreError("storage_full", refusal.message, { detail: "quota" });
}

/**
 * Keeps that new data of an agent is waiting for room, and for how much, so that people see it and it is told when there is. Refused
 * again before it was let in, it is the same waiting.
 */
export async function noteRefusal(ctx: EngineContext, input: CheckQuotaInput, refusal: Refusal): Promise<void> {
  const { agentId, tenantId, addStored, point } = input;
  const { meter, message } = refusal;
  const now = ctx.now();
  await withTransaction(ctx.db, async (tx) => {
    const written = await tx.$executeRaw`
      insert into quota_refusal (agent_id, tenant_id, meter, stored_bytes, protected_bytes, message, first_at, last_at)
      values (${agentId}::uuid, ${tenantId}::uuid, ${meter}::quota_meter, ${BigInt(addStored)}, ${point ? BigInt(point.logicalBytes) : null}::bigint,
        ${message}, ${now}, ${now})
      on conflict (agent_id) do update set
        -- A question whether there is any room at all must not make a known need forgotten.
        stored_bytes = greatest(quota_refusal.stored_bytes, excluded.stored_bytes),
        protected_bytes = coalesce(excluded.protected_bytes, quota_refusal.protected_bytes),
        meter = excluded.meter, message = excluded.message, last_at = excluded.last_at`;
    if (written > 0) await emitEvent(tx, "agent", agentId);
    await tellSession(tx, agentId, message);
  });
}

/**
 * A replica whose run has not begun here shows the reason, too; of one that has, the source itself says how it ended.
 */
async function tellSession(tx: Tx, agentId: string, failureMessage: string): Promise<void> {
  const sessions = await tx.replicationSession.updateManyAndReturn({
    where: { agentId, side: "target", role: "destination", state: { in: ["initializing", "ok", "system_paused"] } },
    data: { state: "system_paused", failureCode: "storage_full", failureMessage, nextRunAt: null },
    select: { id: true },
  });
  for (const { id } of sessions) await emitEvent(tx, "session", id);
}

/** There was room: the agent waits no more. */
export async function letIn(ctx: EngineContext, agentId: string): Promise<void> {
  await ctx.db.prisma.quotaRefusal.deleteMany({ where: { agentId } });
}
