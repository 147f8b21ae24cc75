import { createHash } from "node:crypto";

/** A recovery point as both cores can tell it from others: by ids and by the digests of its manifests, never by times. */
export interface PlannedPoint {
  readonly id: string;
  /** Position in the agent's history on the core that captured it. */
  readonly sequence: number;
  readonly images: readonly { readonly id: string; readonly manifestDigest: string }[];
}

export interface Plan<P extends PlannedPoint> {
  /** What the target lacks, the oldest first. */
  readonly missing: P[];
  /** Points that both have under one id with different images: never overwritten, told to people. */
  readonly conflicting: P[];
  /** The newest point that is complete on the target. */
  readonly newest: P | null;
}

/** Decides which of our points the target lacks. */
export function planPoints<P extends PlannedPoint>(ours: readonly P[], theirs: readonly PlannedPoint[]): Plan<P> {
  const known = new Map(theirs.map((point) => [point.id, fingerprint(point)]));
  const ordered = [...ours].sort(bySequence);
  const present = ordered.filter((point) => known.get(point.id) === fingerprint(point));
  return {
    missing: ordered.filter((point) => !known.has(point.id)),
    conflicting: ordered.filter((point) => known.has(point.id) && known.get(point.id) !== fingerprint(point)),
    newest: present.at(-1) ?? null,
  };
}

/** The same for the same set of points on any core, in whatever order they come. */
export function hashPoints(points: readonly PlannedPoint[]): string {
  const hash = createHash("sha256");
  for (const line of points.map((point) => `${point.id} ${point.sequence} ${fingerprint(point)}\n`).sort())
    hash.update(line);
  return hash.digest("hex");
}

export const bySequence = (a: PlannedPoint, b: PlannedPoint): number =>
  a.sequence - b.sequence || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);

function fingerprint(point: PlannedPoint): string {
  return point.images
    .map((image) => `${image.id}=${image.manifestDigest}`)
    .sort()
    .join(",");
}
