import "server-only";
import { withTransaction } from "@/lib/db/transaction";
import { writeAudit } from "@/lib/engine/audit";
import type { EngineContext } from "@/lib/engine/context";
import type { DoorName } from "@/lib/engine/doors/schemas";
import { readIdCursor } from "@/lib/engine/id-cursor";
import { sha256 } from "@/lib/engine/trust";
import { notFound } from "@/lib/errors";
import type { ListVendorSignInsInput, VendorSignIn } from "./schemas";

/** Ended ones are kept this long for whoever looks into an incident. */
const KEPT_MS = 30 * 24 * 3600_000;

/** Ends the sign-in of a token at once. Ending it twice, or one that is unknown, is no error. */
export async function endVendorSignIn(ctx: EngineContext, input: { door: DoorName; token: string }): Promise<void> {
  await withTransaction(ctx.db, async (tx) => {
    const [ended] = await tx.vendorSignIn.updateManyAndReturn({
      where: { hash: sha256(Buffer.from(input.token)), door: input.door, endedAt: null },
      data: { endedAt: ctx.now() },
      select: { id: true },
    });
    if (ended) await writeAudit(tx, ctx, "vendor-sign-in.end", ended.id, { by: "its owner" });
  });
}

/** Ends any sign-in at once: an administrator's order. Throws not_found. */
export function endVendorSignInById(ctx: EngineContext, { id }: { id: string }): Promise<Record<string, never>> {
  return withTransaction(ctx.db, async (tx) => {
    const ended = await tx.vendorSignIn.updateMany({ where: { id, endedAt: null }, data: { endedAt: ctx.now() } });
    if (ended.count === 0) throw notFound("sign-in");
    await writeAudit(tx, ctx, "vendor-sign-in.end", id);
    return {};
  });
}

/** A page of the sign-ins that count now, newest first. */
export async function listVendorSignIns(
  ctx: EngineContext,
  { door, cursor, limit }: ListVendorSignInsInput,
): Promise<{ items: VendorSignIn[]; nextCursor: string | null; total: number }> {
  const where = { door, endedAt: null, expiresAt: { gt: ctx.now() } };
  const [rows, total] = await Promise.all([
    ctx.db.prisma.vendorSignIn.findMany({
      where: { ...where, id: { lt: readIdCursor(cursor) } },
      include: { account: { select: { id: true, email: true } } },
      orderBy: { id: "desc" },
      take: limit + 1,
    }),
    ctx.db.prisma.vendorSignIn.count({ where }),
  ]);
  const items = rows.slice(0, limit).map((row) => ({
    id: row.id,
    // The column holds what openVendorSignIn wrote.
    door: row.door as DoorName,
    account: row.account,
    address: row.address,
    createdAt: row.createdAt.toISOString(),
    lastUsedAt: row.lastUsedAt.toISOString(),
    expiresAt: row.expiresAt.toISOString(),
  }));
  return { items, nextCursor: rows.length > limit ? (items.at(-1)?.id ?? null) : null, total };
}

/** Forgets sign-ins that ended long ago. Part of the sweep. */
export async function sweepVendorSignIns(ctx: EngineContext): Promise<void> {
  const before = new Date(ctx.now().getTime() - KEPT_MS);
  await ctx.db.prisma.vendorSignIn.deleteMany({ where: { expiresAt: { lt: before }, renewableUntil: null } });
  await ctx.db.prisma.vendorSignIn.deleteMany({ where: { expiresAt: { lt: before }, renewableUntil: { lt: before } } });
}
