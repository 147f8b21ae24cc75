import "server-only";
import type { EngineContext } from "@/lib/engine/context";
import { type PeerRecoveryPoint, POINTS_PER_PAGE } from "@/lib/engine/replication/peer-schemas";
import { hashPoints, type Plan, type PlannedPoint, planPoints } from "@/lib/engine/replication/plan";
import { readPoints } from "@/lib/engine/replication/points";
import type { TargetCore } from "@/lib/engine/replication/target-core";
import type { ReplicationSession } from "@/prisma/generated/client";

/** A recovery point of the other core. */
export interface TheirPoint extends PlannedPoint {
  readonly createdAt: Date;
  readonly sizeBytes: number;
}

export interface LeadingPlan extends Plan<TheirPoint> {
  readonly paused: boolean;
  readonly isMetadataNews: boolean;
  /** What we expected is right, which told the other core how far we are. */
  readonly unchanged: boolean;
}

/**
 * Asks the core that is current which of its points we lack. We tell what we expect up to the newest one that both have: when that
 * is right, one short answer is enough, however many there are. What people deleted here does not come back.
 */
export async function fetchLeadingPlan(
  ctx: EngineContext,
  target: TargetCore,
  { agentId, newestPointId }: Pick<ReplicationSession, "agentId" | "newestPointId">,
): Promise<LeadingPlan> {
  const ours = await readPoints(ctx.db, { agentId });
  const newest = ours.find(({ id }) => id === newestPointId);
  const expected = newest ? ours.filter(({ sequence }) => sequence <= newest.sequence) : [];
  const question = {
    agentId,
    maxCount: POINTS_PER_PAGE,
    ...(newest ? { toEpoch: newest.sequence, setHash: hashPoints(expected) } : {}),
  };
  const first = await target.selectLeadingPoints({ ...question, skipCount: 0 });
  const listed: PeerRecoveryPoint[] = [...first.recoveryPoints];
  while (listed.length < first.total) {
    const { recoveryPoints } = await target.selectLeadingPoints({ ...question, skipCount: listed.length });
    if (recoveryPoints.length === 0) break;
    listed.push(...recoveryPoints);
  }
  const known = (first.unchanged ? expected : []).map((point) => ({ ...point, sizeBytes: point.logicalBytes }));
  const theirs: TheirPoint[] = [...known, ...listed.map(toTheirs)];
  const plan = planPoints(theirs, ours);
  const deleted = await deletedHere(ctx, agentId, plan.missing);
  return {
    ...plan,
    missing: plan.missing.filter(({ id }) => !deleted.has(id)),
    paused: first.replicationState === "Paused",
    isMetadataNews: first.isMetadataNews,
    unchanged: first.unchanged,
  };
}

async function deletedHere(ctx: EngineContext, agentId: string, points: readonly TheirPoint[]): Promise<Set<string>> {
  const where = { agentId, id: { in: points.map(({ id }) => id) } };
  const rows = points.length > 0 ? await ctx.db.prisma.deletedRecoveryPoint.findMany({ where }) : [];
  return new Set(rows.map(({ id }) => id));
}

function toTheirs(point: PeerRecoveryPoint): TheirPoint {
  return {
    id: point.id,
    sequence: point.epochNumber,
    createdAt: new Date(point.timeStamp),
    sizeBytes: point.volumeImages.reduce((sum, { size }) => sum + size, 0),
    images: point.volumeImages.map(({ id, headerHash }) => ({ id, manifestDigest: headerHash })),
  };
}
