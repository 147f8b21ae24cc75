import "server-only";
import type { EngineContext } from "@/lib/engine/context";
import { behindName, toNamePage } from "@/lib/engine/name-cursor";
import { toPolicy, withRules } from "./convert";
import type { ListPoliciesInput } from "./schemas";

/** A page of policies by name, replicas among them. Throws `invalid_input` for a cursor that is none. */
export async function listPolicies(ctx: EngineContext, { cursor, limit, search, origin }: ListPoliciesInput) {
  const where = {
    ...(search ? { name: { contains: search, mode: "insensitive" as const } } : {}),
    ...(origin ? { pairingId: origin === "local" ? null : { not: null } } : {}),
  };
  const [rows, total] = await Promise.all([
    ctx.db.prisma.policy.findMany({
      where: { AND: [where, behindName(cursor)] },
      orderBy: [{ name: "asc" }, { id: "asc" }],
      take: limit + 1,
      include: withRules,
    }),
    ctx.db.prisma.policy.count({ where }),
  ]);
  return toNamePage(rows.map(toPolicy), limit, total);
}
