import "server-only";
import type { EngineContext } from "@/lib/engine/context";
import { notFound } from "@/lib/errors";
import { toReplicationRule, withUse } from "./convert";
import type { ReplicationRule } from "./schemas";

/** Throws `not_found`. */
export async function getReplicationRule(ctx: EngineContext, { id }: { id: string }): Promise<ReplicationRule> {
  const row = await ctx.db.prisma.replicationRule.findUnique({ where: { id }, include: withUse });
  if (!row) throw notFound("replication rule");
  return toReplicationRule(row);
}
