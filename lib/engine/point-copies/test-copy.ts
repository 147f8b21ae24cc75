import "server-only";
import { withTransaction } from "@/lib/db/transaction";
import { beginAgentDeletion } from "@/lib/engine/agents/delete";
import { writeAudit } from "@/lib/engine/audit";
import type { EngineContext } from "@/lib/engine/context";
import { emitEvent } from "@/lib/engine/events/emit";
import { conflict, notFound, toTwincoreError } from "@/lib/errors";
import { cloneRecoveryPoint } from "./clone";
import { copyVolumes } from "./copy-volumes";
import { CreateTestCopyInput } from "./schemas";

/** One that no session knows for so long was left by a crash between two steps. */
const LEFT_MS = 60 * 60_000;
/** As many as one sweep begins to delete; the rest waits for the next. */
const PER_SWEEP = 100;

/**
 * An agent that shows a recovery point of another one, for a failover test: of the same tenant and repository, with the same
 * volumes, and led by nobody, so that captures are accepted into it. It shares the point's records; only what the test writes is
 * stored. Throws `not_found`, and `conflict` when the point is not whole or the agent is no protected machine.
 */
export async function createTestCopy(
  ctx: EngineContext,
  given: CreateTestCopyInput,
): Promise<{ agentId: string; recoveryPointId: string }> {
  const input = CreateTestCopyInput.parse(given);
  const agent = await ctx.db.prisma.agent.findUnique({ where: { id: input.agentId }, include: { volumes: true } });
  const point = await ctx.db.prisma.recoveryPoint.findFirst({
    where: { id: input.recoveryPointId, agentId: input.agentId },
  });
  if (!agent) throw notFound("agent");
  if (!point) throw notFound("recovery point of this agent");
  if (agent.kind !== "machine") throw conflict(`${agent.name} is a copy itself; test with the machine.`);
  const copyId = await withTransaction(ctx.db, async (tx) => {
    const { hostName, tenantId, repositoryId, isSingleVolume, id: parentId } = agent;
    const data = { name: input.name, hostName, tenantId, repositoryId, isSingleVolume, parentId, createdAt: ctx.now() };
    const copy = await tx.agent.create({ data: { ...data, kind: "test_copy" } });
    await copyVolumes(tx, copy.id, agent.volumes);
    await writeAudit(tx, ctx, "agent.test-copy", copy.id, { of: agent.id, recoveryPointId: point.id });
    await emitEvent(tx, "agent", copy.id);
    return copy.id;
  });
  try {
    const { recoveryPointId } = await cloneRecoveryPoint(ctx, {
      recoveryPointId: point.id,
      toAgentId: copyId,
      createdAt: point.createdAt.toISOString(),
    });
    return { agentId: copyId, recoveryPointId };
  } catch (error) {
    await removeTestCopy(ctx, { agentId: copyId }).catch(() => undefined);
    throw error;
  }
}

/**
 * Begins to delete a test copy with what was captured into it; again, and after it is gone, is no error. Throws `conflict` for an
 * agent that is no test copy, and while a capture or restore of it goes on.
 */
export async function removeTestCopy(
  ctx: EngineContext,
  { agentId }: { agentId: string },
): Promise<Record<string, never>> {
  const agent = await ctx.db.prisma.agent.findUnique({ where: { id: agentId } });
  if (!agent) return {};
  if (agent.kind !== "test_copy") throw conflict(`${agent.name} is no test copy. It was not touched.`);
  await ctx.db.prisma.recoveryPoint.updateMany({ where: { agentId, locked: true }, data: { locked: false } });
  await beginAgentDeletion(ctx, { id: agentId });
  return {};
}

/** Removes copies that no session's test uses any more, or never did. Part of the sweep. */
export async function sweepTestCopies(ctx: EngineContext): Promise<void> {
  const before = new Date(ctx.now().getTime() - LEFT_MS);
  const left = await ctx.db.prisma.$queryRaw<{ id: string }[]>`
    select a.id from agent a
    where a.kind = 'test_copy' and a.deletion_asked_at is null and a.created_at < ${before}
      and not exists (select 1 from replication_session s where s.test_agent_id = a.id)
    order by a.created_at limit ${PER_SWEEP}`;
  for (const { id } of left)
    await removeTestCopy(ctx, { agentId: id }).catch((thrown: unknown) =>
      ctx.log.warn({ agentId: id, error: toTwincoreError(thrown).message }, "a test copy that nobody uses is left"),
    );
}
