import "server-only";
import type { Tx } from "@/lib/db/client";
import { withTransaction } from "@/lib/db/transaction";
import { writeAudit } from "@/lib/engine/audit";
import type { EngineContext } from "@/lib/engine/context";
import { emitEvent } from "@/lib/engine/events/emit";
import { notFound } from "@/lib/errors";
import { requireAgent, requireTenant } from "./find";
import type { RemoveQuotaInput, SetQuotaInput } from "./schemas";
import { wakeWaiting } from "./wake";

interface Subject {
  readonly id: string;
  readonly tenantId: string;
  readonly agentId: string | null;
}

/**
 * Sets the quota of a tenant or an agent for one meter. It counts from the next question on; who waits for room that there is now goes
 * on within a minute. Setting the same again changes nothing. Throws `not_found` for an unknown tenant or agent.
 */
export async function setQuota(ctx: EngineContext, input: SetQuotaInput): Promise<Record<string, never>> {
  const { meter, softBytes, hardBytes, overageBytes } = input;
  const subject = await subjectOf(ctx, input);
  const sizes = {
    softBytes: softBytes === null ? null : BigInt(softBytes),
    hardBytes: hardBytes === null ? null : BigInt(hardBytes),
    overageBytes: BigInt(overageBytes),
  };
  await withTransaction(ctx.db, async (tx) => {
    const { id: subjectId, tenantId, agentId } = subject;
    await tx.quota.upsert({
      where: { subjectId_meter: { subjectId, meter } },
      create: { subjectId, tenantId, agentId, meter, ...sizes },
      update: { ...sizes, tenantId, updatedAt: ctx.now() },
    });
    await noteChange(tx, ctx, subject, "quota.set", { meter, softBytes, hardBytes, overageBytes });
  });
  await wakeWaiting(ctx, { tenantId: subject.tenantId });
  return {};
}

/** From now on nothing limits it. Throws `not_found` when there is no such quota, tenant or agent. */
export async function removeQuota(ctx: EngineContext, input: RemoveQuotaInput): Promise<Record<string, never>> {
  const { meter } = input;
  const subject = await subjectOf(ctx, input);
  await withTransaction(ctx.db, async (tx) => {
    const { count } = await tx.quota.deleteMany({ where: { subjectId: subject.id, meter } });
    if (count === 0) throw notFound("quota");
    await noteChange(tx, ctx, subject, "quota.remove", { meter });
  });
  await wakeWaiting(ctx, { tenantId: subject.tenantId });
  return {};
}

async function subjectOf(ctx: EngineContext, input: { tenantId?: string; agentId?: string }): Promise<Subject> {
  if (input.agentId !== undefined) {
    const { id, tenantId } = await requireAgent(ctx.db.prisma, input.agentId);
    return { id, tenantId, agentId: id };
  }
  const { id } = await requireTenant(ctx.db.prisma, input.tenantId ?? "");
  return { id, tenantId: id, agentId: null };
}

async function noteChange(
  tx: Tx,
  ctx: EngineContext,
  { id, agentId }: Subject,
  action: string,
  detail: Record<string, string | number | null>,
): Promise<void> {
  await writeAudit(tx, ctx, action, id, { ...detail, of: agentId === null ? "tenant" : "agent" });
  await emitEvent(tx, "quota", id);
}
