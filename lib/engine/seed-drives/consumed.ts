import "server-only";
import { withTransaction } from "@/lib/db/transaction";
import { writeAudit } from "@/lib/engine/audit";
import type { EngineContext } from "@/lib/engine/context";
import { emitEvent } from "@/lib/engine/events/emit";
import { requireReplicatedAgent } from "@/lib/engine/image-sessions/find";
import { retellMetadata } from "@/lib/engine/metadata/announce";
import { CONSUMED_DRIVES_MAX, type ConsumedSeedDrives } from "./peer-schemas";

/** Target: the drives of the caller that carried this agent and were consumed here, newest first. */
export async function getConsumedSeedDrives(
  ctx: EngineContext,
  input: { agentId: string },
): Promise<ConsumedSeedDrives> {
  const agent = await requireReplicatedAgent(ctx, input.agentId);
  const drives = await ctx.db.prisma.seedDrive.findMany({
    where: {
      side: "target",
      state: "consumed",
      pairingId: agent.pairingId,
      contents: { array_contains: [{ agentId: agent.id }] },
    },
    orderBy: { consumedAt: "desc" },
    take: CONSUMED_DRIVES_MAX,
    select: { id: true },
  });
  return { seedDriveIds: drives.map(({ id }) => id) };
}

/** Source: asks the target about drives of the agent that nobody has heard of yet; when there are none it is not asked. */
export async function hearConsumedDrives(
  ctx: EngineContext,
  session: { pairingId: string; agentId: string },
  ask: (input: { agentId: string }) => Promise<ConsumedSeedDrives>,
): Promise<void> {
  const { pairingId, agentId } = session;
  const where = {
    side: "source" as const,
    state: "outstanding" as const,
    pairingId,
    contents: { array_contains: [{ agentId }] },
  };
  if ((await ctx.db.prisma.seedDrive.findFirst({ where, select: { id: true } })) === null) return;
  const { seedDriveIds } = await ask({ agentId });
  if (seedDriveIds.length === 0) return;
  await withTransaction(ctx.db, async (tx) => {
    const heard = await tx.seedDrive.findMany({ where: { ...where, id: { in: seedDriveIds } }, select: { id: true } });
    for (const { id } of heard) {
      await tx.seedDrive.update({ where: { id }, data: { state: "consumed", consumedAt: ctx.now() } });
      await writeAudit(tx, ctx, "seed-drive.consumed", id, { agentId });
      await emitEvent(tx, "seed-drive", id);
    }
    if (heard.length > 0) await retellMetadata(tx, session);
  });
}
