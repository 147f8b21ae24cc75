import "server-only";
import type { EngineContext } from "@/lib/engine/context";
import { notFound } from "@/lib/errors";
import { Prisma } from "@/prisma/generated/client";

/** A recovery point, also before it is complete: what a client that asked for a capture may follow by its id. */
export interface PointProgress {
  readonly id: string;
  readonly state: "capturing" | "available" | "failed" | "deleting" | "lost";
  readonly createdAt: string;
  readonly label: string;
  readonly expiresAt: string | null;
  readonly agent: { readonly id: string; readonly name: string };
  readonly repository: { readonly id: string; readonly name: string };
  readonly logicalBytes: number;
  readonly storedBytes: number;
  readonly images: number;
}

/** Throws `not_found`, also for a point of another tenant. */
export async function getPointProgress(
  ctx: EngineContext,
  { id, tenantId }: { id: string; tenantId: string },
): Promise<PointProgress> {
  const found = (await complete(ctx, id, tenantId)) ?? (await planned(ctx, id, tenantId));
  if (!found) throw notFound("recovery point");
  return found;
}

async function complete(ctx: EngineContext, id: string, tenantId: string): Promise<PointProgress | null> {
  const row = await ctx.db.prisma.recoveryPoint.findFirst({
    where: { id, agent: { tenantId, kind: { not: "test_copy" } } },
    omit: { skipped: true },
    include: {
      agent: { select: { id: true, name: true, deletionAskedAt: true } },
      repository: { select: { id: true, name: true } },
      _count: { select: { images: true } },
    },
  });
  if (!row) return null;
  return {
    id,
    state: row.agent.deletionAskedAt ? "deleting" : row.lostAt ? "lost" : "available",
    createdAt: row.createdAt.toISOString(),
    label: row.label,
    expiresAt: row.expiresAt?.toISOString() ?? null,
    agent: { id: row.agent.id, name: row.agent.name },
    repository: row.repository,
    logicalBytes: Number(row.logicalBytes),
    storedBytes: Number(row.storedBytes),
    images: row._count.images,
  };
}

/** Captures choose the id of their point beforehand, at the moment that its first 48 bits say: so the few tasks of that moment are enough to look at. */
const AROUND_MS = 60_000;

async function planned(ctx: EngineContext, id: string, tenantId: string): Promise<PointProgress | null> {
  const madeMs = Number.parseInt(id.replaceAll("-", "").slice(0, 12), 16);
  if (!Number.isFinite(madeMs) || madeMs + AROUND_MS > 8.64e15) return null;
  const [from, to] = [new Date(Math.max(0, madeMs - AROUND_MS)), new Date(madeMs + AROUND_MS)];
  const [row] = await ctx.db.prisma.$queryRaw<PlannedRow[]>(Prisma.sql`
    select t.state::text as state, t.created_at, a.id as agent_id, a.name as agent_name, r.id as repository_id, r.name as repository_name
    from task t join agent a on a.id = t.agent_id join repository r on r.id = a.repository_id
    where t.kind = 'capture' and t.created_at between ${from} and ${to} and t.input->>'recoveryPointId' = ${id}
      and t.state <> 'succeeded' and a.tenant_id = ${tenantId}::uuid limit 1`);
  if (!row) return null;
  return {
    id,
    state: row.state === "queued" || row.state === "running" ? "capturing" : "failed",
    createdAt: row.created_at.toISOString(),
    label: "",
    expiresAt: null,
    agent: { id: row.agent_id, name: row.agent_name },
    repository: { id: row.repository_id, name: row.repository_name },
    logicalBytes: 0,
    storedBytes: 0,
    images: 0,
  };
}

interface PlannedRow {
  state: string;
  created_at: Date;
  agent_id: string;
  agent_name: string;
  repository_id: string;
  repository_name: string;
}
