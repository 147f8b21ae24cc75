import "server-only";
import { type EngineContext, isBound } from "@/lib/engine/context";
import { readIdCursor } from "@/lib/engine/id-cursor";
import { notFound } from "@/lib/errors";
import { toSummary, withPairing } from "./convert";
import type { ListSeedDrivesInput, SeedDriveSummary } from "./schemas";

/** Seed drives that were written or consumed here, newest first. */
export async function listSeedDrives(
  ctx: EngineContext,
  input: ListSeedDrivesInput,
): Promise<{ items: SeedDriveSummary[]; nextCursor: string | null; total: number }> {
  const where = { pairingId: input.pairingId, state: input.state };
  const [rows, total] = await Promise.all([
    ctx.db.prisma.seedDrive.findMany({
      where: { ...where, id: { lt: readIdCursor(input.cursor) } },
      orderBy: { id: "desc" },
      take: input.limit + 1,
      include: withPairing,
    }),
    ctx.db.prisma.seedDrive.count({ where }),
  ]);
  const items = rows.slice(0, input.limit).map((row) => shownTo(ctx, toSummary(row)));
  return { items, nextCursor: rows.length > input.limit ? (items.at(-1)?.id ?? null) : null, total };
}

/** One drive. Throws `not_found`. */
export async function getSeedDrive(ctx: EngineContext, { id }: { id: string }): Promise<SeedDriveSummary> {
  const row = await ctx.db.prisma.seedDrive.findUnique({ where: { id }, include: withPairing });
  if (!row) throw notFound("seed drive");
  return shownTo(ctx, toSummary(row));
}

/** Folders of this machine are for those who know of the whole core. */
const shownTo = (ctx: EngineContext, drive: SeedDriveSummary): SeedDriveSummary =>
  isBound(ctx) ? { ...drive, folders: [] } : drive;
