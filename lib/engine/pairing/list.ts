import "server-only";
import type { EngineContext } from "@/lib/engine/context";
import { readIdCursor } from "@/lib/engine/id-cursor";
import { notFound } from "@/lib/errors";
import type { Prisma } from "@/prisma/generated/client";
import { SUMMARY, toSummary } from "./internal";
import type { ListPairingsInput, PairingSummary } from "./schemas";

/** Requests and peers, newest first. */
export async function listPairings(
  ctx: EngineContext,
  input: ListPairingsInput,
): Promise<{ items: PairingSummary[]; nextCursor: string | null; total: number }> {
  const where: Prisma.PairingWhereInput =
    input.agentRequests === "open"
      ? { state: "established", side: "target", tenantId: input.tenantId, wantedAgents: { some: { state: "pending" } } }
      : { state: input.state, side: input.side, tenantId: input.tenantId };
  const [rows, total] = await Promise.all([
    ctx.db.prisma.pairing.findMany({
      where: { ...where, id: { lt: readIdCursor(input.cursor) } },
      orderBy: { id: "desc" },
      take: input.limit + 1,
      include: SUMMARY,
    }),
    ctx.db.prisma.pairing.count({ where }),
  ]);
  const items = rows.slice(0, input.limit).map(toSummary);
  return { items, nextCursor: rows.length > input.limit ? (items.at(-1)?.id ?? null) : null, total };
}

/** One request or peer. Throws not_found. */
export async function getPairing(ctx: EngineContext, input: { id: string }): Promise<PairingSummary> {
  const row = await ctx.db.prisma.pairing.findUnique({ where: { id: input.id }, include: SUMMARY });
  if (!row) throw notFound("pairing");
  return toSummary(row);
}
