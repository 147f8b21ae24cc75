import "server-only";
import type { EngineContext } from "@/lib/engine/context";
import { behindName, toNamePage } from "@/lib/engine/name-cursor";
import { toReplicationRule, withUse } from "./convert";
import type { ListReplicationRulesInput } from "./schemas";

/** A page of rules by name. Throws `invalid_input` for a cursor that is none. */
export async function listReplicationRules(ctx: EngineContext, { cursor, limit, search }: ListReplicationRulesInput) {
  const where = search ? { name: { contains: search, mode: "insensitive" as const } } : {};
  const [rows, total] = await Promise.all([
    ctx.db.prisma.replicationRule.findMany({
      where: { AND: [where, behindName(cursor)] },
      orderBy: [{ name: "asc" }, { id: "asc" }],
      take: limit + 1,
      include: withUse,
    }),
    ctx.db.prisma.replicationRule.count({ where }),
  ]);
  return toNamePage(rows.map(toReplicationRule), limit, total);
}
