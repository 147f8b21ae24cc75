import "server-only";
import type { RecordContext } from "@/lib/engine/records/connection";

/** The number of the agent's next recovery point: behind all that there are, and behind all that were deleted. */
export async function nextSequence(ctx: RecordContext, agentId: string): Promise<bigint> {
  const [newest, { sequenceFloor }] = await Promise.all([
    ctx.db.prisma.recoveryPoint.aggregate({ where: { agentId }, _max: { sequence: true } }),
    ctx.db.prisma.agent.findUniqueOrThrow({ where: { id: agentId }, select: { sequenceFloor: true } }),
  ]);
  const last = newest._max.sequence ?? 0n;
  return (last > sequenceFloor ? last : sequenceFloor) + 1n;
}
