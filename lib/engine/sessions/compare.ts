import "server-only";
import type { Tx } from "@/lib/db/client";
import { clearAlert, raiseAlert } from "@/lib/engine/alerts";
import type { EngineContext } from "@/lib/engine/context";
import { emitEvent } from "@/lib/engine/events/emit";
import type { ReplicationSession } from "@/prisma/generated/client";
import { COMPARED_MAX, type Divergent, SHOWN_MAX } from "./peer-schemas";
import type { DivergentPoint } from "./schemas";
import { jsonOrNull } from "./views";

/** The agent's points here, newest first, as the other core compares them. */
export async function comparedPoints(tx: Tx, agentId: string): Promise<DivergentPoint[]> {
  const points = await tx.recoveryPoint.findMany({
    where: { agentId, missingVolumes: { isEmpty: true }, lostAt: null },
    orderBy: { sequence: "desc" },
    take: COMPARED_MAX,
    select: { id: true, sequence: true, createdAt: true },
  });
  return points.map(({ id, sequence, createdAt }) => ({
    id,
    sequence: Number(sequence),
    createdAt: createdAt.toISOString(),
  }));
}

/** Points that were deleted here: that they are missing is no difference. */
export async function deletedPointIds(tx: Tx, agentId: string): Promise<string[]> {
  const deleted = await tx.deletedRecoveryPoint.findMany({
    where: { agentId },
    orderBy: { metadataVersion: "desc" },
    take: COMPARED_MAX,
    select: { id: true },
  });
  return deleted.map(({ id }) => id);
}

interface Sides {
  readonly source: readonly DivergentPoint[];
  readonly target: readonly DivergentPoint[];
  /** Deleted by either side. */
  readonly deleted: ReadonlySet<string>;
  /** The core that is not current. */
  readonly destination: "source" | "target";
}

/**
 * What each side has alone since the newest point that both have. null: the core that is not current has nothing of that kind, so
 * that copying to it loses nothing. Points go by their ids and their place in the history, never by times. Pure.
 */
export function divergenceOf({ source, target, deleted, destination }: Sides): Divergent | null {
  const there = new Set(target.map(({ id }) => id));
  const common = source.find(({ id }) => there.has(id)) ?? null;
  const here = new Set(source.map(({ id }) => id));
  const alone = (points: readonly DivergentPoint[], others: ReadonlySet<string>, base: number) =>
    points.filter(({ id, sequence }) => sequence > base && !others.has(id) && !deleted.has(id));
  // A point has the same number on both cores.
  const base = common?.sequence ?? -1;
  const only = { source: alone(source, there, base), target: alone(target, here, base) };
  if (only[destination].length === 0) return null;
  const shown = (points: DivergentPoint[]) => ({ points: points.slice(0, SHOWN_MAX), total: points.length });
  return { commonPointId: common?.id ?? null, source: shown(only.source), target: shown(only.target) };
}

/** Target: compares the caller's points with ours and keeps what comes out; people are told. The session is locked. */
export async function compareSides(
  tx: Tx,
  ctx: EngineContext,
  session: ReplicationSession,
  caller: { points: readonly DivergentPoint[]; deletedPointIds: readonly string[] },
): Promise<ReplicationSession> {
  const own = await comparedPoints(tx, session.agentId);
  const deleted = new Set([...caller.deletedPointIds, ...(await deletedPointIds(tx, session.agentId))]);
  const destination = session.role === "destination" ? "target" : "source";
  const divergence = divergenceOf({ source: caller.points, target: own, deleted, destination });
  if (!divergence && session.divergence === null) return session;
  const stops = divergence !== null && session.state === "reprotecting";
  const after = await tx.replicationSession.update({
    where: { id: session.id },
    data: {
      divergence: jsonOrNull(divergence),
      divergedAt: divergence ? (session.divergedAt ?? ctx.now()) : null,
      ...(divergence ? { steps: [] } : { keepSide: null }),
      ...(stops ? { state: "failed_over", revision: { increment: 1 } } : {}),
    },
  });
  await emitEvent(tx, "session", session.id);
  await tellDivergence(tx, ctx, after);
  return after;
}

/** People have to choose; raised on either core, again and again while it is so. */
export async function tellDivergence(tx: Tx, ctx: EngineContext, session: ReplicationSession): Promise<void> {
  if (session.divergence === null) {
    await clearAlert(tx, ctx, { kind: "diverged", subjectId: session.id });
    return;
  }
  const agent = await tx.agent.findUniqueOrThrow({ where: { id: session.agentId } });
  await raiseAlert(tx, ctx, {
    kind: "diverged",
    severity: "critical",
    subjectKind: "session",
    subjectId: session.id,
    tenantId: agent.tenantId,
    title: `${agent.name} was written on both cores`,
    detail:
      "Nothing is copied until somebody chooses whose recovery points stay. Those of the other side are set aside.",
  });
}
