import "server-only";
import type { EngineContext } from "@/lib/engine/context";
import type { Tenant } from "./schemas";

/** The customers of this core by name, as a form offers them. `cursor` is the name of the last one before. */
export async function listTenants(
  ctx: EngineContext,
  input: { cursor?: string; limit: number },
): Promise<{ items: Tenant[]; nextCursor: string | null; total: number }> {
  const [rows, total] = await Promise.all([
    ctx.db.prisma.tenant.findMany({
      where: { name: { gt: input.cursor } },
      orderBy: { name: "asc" },
      take: input.limit + 1,
      select: { id: true, name: true },
    }),
    ctx.db.prisma.tenant.count(),
  ]);
  const items = rows.slice(0, input.limit);
  return { items, nextCursor: rows.length > input.limit ? (items.at(-1)?.name ?? null) : null, total };
}
