import "server-only";
import type { EngineContext } from "@/lib/engine/context";
import { invalidInput, notFound } from "@/lib/errors";
import { toSummary, withImageCount } from "./convert";
import type { ListRecoveryPointsInput } from "./schemas";

/** A page of an agent's recovery points, newest first. The cursor is the sequence of the last one. Throws `not_found`. */
export async function listRecoveryPoints(ctx: EngineContext, { agentId, cursor, limit }: ListRecoveryPointsInput) {
  if (cursor !== undefined && !/^\d{1,18}$/.test(cursor)) throw invalidInput("This cursor is none of ours.");
  const { prisma } = ctx.db;
  const [agent, total, rows] = await Promise.all([
    prisma.agent.findUnique({ where: { id: agentId }, select: { id: true } }),
    prisma.recoveryPoint.count({ where: { agentId } }),
    prisma.recoveryPoint.findMany({
      where: { agentId, ...(cursor === undefined ? {} : { sequence: { lt: BigInt(cursor) } }) },
      orderBy: { sequence: "desc" },
      take: limit + 1,
      omit: { skipped: true },
      include: withImageCount,
    }),
  ]);
  if (!agent) throw notFound("agent");
  const items = rows.slice(0, limit);
  const nextCursor = rows.length > limit ? (items.at(-1)?.sequence.toString() ?? null) : null;
  return { items: items.map(toSummary), nextCursor, total };
}
