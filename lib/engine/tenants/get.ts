import "server-only";
import type { EngineContext } from "@/lib/engine/context";
import { notFound } from "@/lib/errors";

/** One customer of this core. Throws `not_found`. */
export async function getTenant(ctx: EngineContext, { id }: { id: string }): Promise<{ id: string; name: string }> {
  const tenant = await ctx.db.prisma.tenant.findUnique({ where: { id }, select: { id: true, name: true } });
  if (!tenant) throw notFound("tenant");
  return tenant;
}

/** The customer of this name; null when there is none. */
export function findTenantByName(
  ctx: EngineContext,
  { name }: { name: string },
): Promise<{ id: string; name: string } | null> {
  return ctx.db.prisma.tenant.findUnique({ where: { name }, select: { id: true, name: true } });
}
