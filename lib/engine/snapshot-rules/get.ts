import "server-only";
import type { EngineContext } from "@/lib/engine/context";
import { notFound } from "@/lib/errors";
import { toSnapshotRule, withPolicies } from "./convert";
import type { SnapshotRule } from "./schemas";

/** Throws `not_found`. */
export async function getSnapshotRule(ctx: EngineContext, { id }: { id: string }): Promise<SnapshotRule> {
  const row = await ctx.db.prisma.snapshotRule.findUnique({ where: { id }, include: withPolicies });
  if (!row) throw notFound("snapshot rule");
  return toSnapshotRule(row);
}
