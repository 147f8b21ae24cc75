import "server-only";
import { type PeerRecoveryPoint, POINTS_PER_PAGE } from "./peer-schemas";
import { hashPoints, type Plan, type PlannedPoint, planPoints } from "./plan";
import type { PointRow } from "./points";
import type { TargetCore } from "./target-core";

/**
 * Asks the target which of our points it has. We tell what we expect up to the newest one that we know to be there: when that is
 * right, one short answer is enough, however many there are; when not, it lists them and we compare.
 */
export async function fetchPlan(
  target: TargetCore,
  agentId: string,
  ours: readonly PointRow[],
  newestKnownId: string | null,
): Promise<Plan<PointRow> & { paused: boolean }> {
  const newest = ours.find(({ id }) => id === newestKnownId);
  const expected = newest ? ours.filter(({ sequence }) => sequence <= newest.sequence) : [];
  const question = {
    agentId,
    maxCount: POINTS_PER_PAGE,
    fromEpoch: ours[0]?.sequence ?? 0,
    ...(newest ? { toEpoch: newest.sequence, setHash: hashPoints(expected) } : {}),
  };
  const first = await target.selectRecoveryPoints({ ...question, skipCount: 0 });
  const listed: PeerRecoveryPoint[] = [...first.recoveryPoints];
  // With no point of ours there is nothing to compare.
  while (ours.length > 0 && listed.length < first.total) {
    const { recoveryPoints } = await target.selectRecoveryPoints({ ...question, skipCount: listed.length });
    if (recoveryPoints.length === 0) break;
    listed.push(...recoveryPoints);
  }
  const theirs = [...(first.unchanged ? expected : []), ...listed.map(toPlanned)];
  return { ...planPoints(ours, theirs), paused: first.replicationState === "Paused" };
}

function toPlanned(point: PeerRecoveryPoint): PlannedPoint {
  return {
    id: point.id,
    sequence: point.epochNumber,
    images: point.volumeImages.map(({ id, headerHash }) => ({ id, manifestDigest: headerHash })),
  };
}
