import "server-only";
import type { EngineContext } from "@/lib/engine/context";
import { readIdCursor } from "@/lib/engine/id-cursor";
import { notFound } from "@/lib/errors";
import type { ListTenantAccountsInput, TenantAccount } from "./schemas";

/** The accounts that are bound to a tenant, newest first. Throws not_found. */
export async function listTenantAccounts(
  ctx: EngineContext,
  { tenantId, cursor, limit }: ListTenantAccountsInput,
): Promise<{ items: TenantAccount[]; nextCursor: string | null; total: number }> {
  const where = { allTenants: false, tenants: { some: { tenantId } } };
  const [tenant, rows, total] = await Promise.all([
    ctx.db.prisma.tenant.findUnique({ where: { id: tenantId }, select: { id: true } }),
    ctx.db.prisma.account.findMany({
      where: { ...where, id: { lt: readIdCursor(cursor) } },
      orderBy: { id: "desc" },
      take: limit + 1,
      select: { id: true, name: true, email: true, role: true, disabledAt: true, lastSignInAt: true },
    }),
    ctx.db.prisma.account.count({ where }),
  ]);
  if (!tenant) throw notFound("tenant");
  const items = rows.slice(0, limit).map(({ disabledAt, lastSignInAt, ...account }) => ({
    ...account,
    isDisabled: disabledAt !== null,
    lastSignInAt: lastSignInAt?.toISOString() ?? null,
  }));
  return { items, nextCursor: rows.length > limit ? (items.at(-1)?.id ?? null) : null, total };
}
