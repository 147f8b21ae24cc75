import "server-only";
import type { EngineContext } from "@/lib/engine/context";
import { behindName, toNamePage } from "@/lib/engine/name-cursor";
import { toSnapshotRule, withPolicies } from "./convert";
import type { ListSnapshotRulesInput } from "./schemas";

/** A page of rules by name. Throws `invalid_input` for a cursor that is none. */
export async function listSnapshotRules(ctx: EngineContext, { cursor, limit, search }: ListSnapshotRulesInput) {
  const where = search ? { name: { contains: search, mode: "insensitive" as const } } : {};
  const [rows, total] = await Promise.all([
    ctx.db.prisma.snapshotRule.findMany({
      where: { AND: [where, behindName(cursor)] },
      orderBy: [{ name: "asc" }, { id: "asc" }],
      take: limit + 1,
      include: withPolicies,
    }),
    ctx.db.prisma.snapshotRule.count({ where }),
  ]);
  return toNamePage(rows.map(toSnapshotRule), limit, total);
}
