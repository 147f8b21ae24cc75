import "server-only";
import type { EngineContext } from "@/lib/engine/context";
import { guard } from "@/lib/engine/protection/guard";
import { conflict, notFound } from "@/lib/errors";
import type { TaskKind } from "@/prisma/generated/client";
import { deleteRecoveryPoint } from "./delete";
import { leaderOf, withLeader } from "./led";
import { nameOfPoint } from "./name";

/**
 * Deletes a recovery point because a person asks for it. Throws `not_found`, and `conflict` while it is locked, while a restore
 * or an export reads it or a capture builds on it, and for a replica that its source still has: the source would send it again. Protected.
 */
export async function removeRecoveryPoint(ctx: EngineContext, { id }: { id: string }): Promise<Record<string, never>> {
  const point = await ctx.db.prisma.recoveryPoint.findUnique({ where: { id }, include: withLeader });
  if (!point) throw notFound("recovery point");
  const leader = leaderOf(point);
  if (leader !== null)
    throw conflict(
      `${leader} still has this recovery point and would send it again. Delete it there first, or end the pairing.`,
    );
  if (point.locked) throw conflict("This recovery point is locked, so it is not deleted. Unlock it first.");
  await guard(ctx, {
    action: "recovery-point.delete",
    subject: { kind: "recovery-point", id },
    title: `Delete the recovery point ${nameOfPoint(point)}.`,
    input: { id },
    tenantId: point.agent.tenantId,
  });
  await assertIdle(ctx, id, point.agentId);
  await deleteRecoveryPoint(ctx, { id });
  return {};
}

/**
 * Deletes a point that no rule keeps any more, unless somebody said otherwise since it was found: then, and while it is read or built
 * on, throws `conflict`. The newest point of an agent is never deleted so.
 */
export async function removeExpiredPoint(ctx: EngineContext, { id }: { id: string }): Promise<void> {
  const found = await ctx.db.prisma.recoveryPoint.findUnique({ where: { id }, select: { agentId: true } });
  if (!found) throw notFound("recovery point");
  await assertIdle(ctx, id, found.agentId);
  await deleteRecoveryPoint(ctx, { id }, async (tx, { agentId }) => {
    // Whoever else removes or adds points of the agent waits, so that what is newest stays so.
    await tx.$queryRaw`select 1 from agent where id = ${agentId}::uuid for update`;
    const [still] = await tx.$queryRaw<{ id: string }[]>`
      select p.id from recovery_point p where p.id = ${id}::uuid and p.expires_at <= now() and exists (
        select 1 from recovery_point n
        where n.agent_id = p.agent_id and n.sequence > p.sequence and n.missing_volumes = '{}'
      )`;
    if (!still) throw conflict("This recovery point is kept after all.");
  });
}

async function assertIdle(ctx: EngineContext, id: string, agentId: string): Promise<void> {
  const seedDrive = { contents: { array_contains: [{ agentId }] } };
  const busy = await ctx.db.prisma.task.findFirst({
    where: {
      state: { in: ["queued", "running"] },
      OR: [{ recoveryPointId: id }, { agentId, kind: "capture" }, { kind: "export_seed_drive", seedDrive }],
    },
    select: { kind: true },
  });
  if (busy) throw conflict(`${BUSY[busy.kind]} just now. Wait for the end of it, or cancel it.`);
}

const READ = "This recovery point is being read";
const BUSY: Readonly<Record<TaskKind, string>> = {
  capture: "A capture of its agent may build on this recovery point",
  restore: READ,
  export_seed_drive: "A seed drive of its agent is being written",
  consume_seed_drive: READ,
};
