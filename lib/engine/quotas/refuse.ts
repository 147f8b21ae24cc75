import "server-only";
import { withTransaction } from "@/lib/db/transaction";
import type { EngineContext } from "@/lib/engine/context";
import { emitEvent } from "@/lib/engine/events/emit";
import { TwincoreError } from "@/lib/errors";
import type { CheckQuotaInput, Refusal } from "./check";

/**
 * Keeps that new data of an agent is waiting for room, and for how much, so that people see it and it is told when there is; then
 * throws `storage_full` with detail "quota". Refused again before it was let in, it is the same waiting.
 */
export async function refuse(ctx: EngineContext, input: CheckQuotaInput, refusal: Refusal): Promise<never> {
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
  });
  throw new TwincoreError("storage_full", message, { detail: "quota" });
}

/** There was room: the agent waits no more. */
export async function letIn(ctx: EngineContext, agentId: string): Promise<void> {
  await ctx.db.prisma.quotaRefusal.deleteMany({ where: { agentId } });
}
