/** The caller speaks to every target once a minute; three misses are no accident any more. */
export const SILENT_MS = 200_000;

interface Link {
  readonly side: "source" | "target";
  /** When the pairing was last heard of. */
  readonly lastContactAt: Date | null;
  readonly unheardSince: Date | null;
}

/** Does the other core not answer? The side that calls knows from its last call, the other one from the silence. */
export function isLinkDown({ side, lastContactAt, unheardSince }: Link, now: Date): boolean {
  if (side === "source") return unheardSince !== null;
  return lastContactAt !== null && now.getTime() - lastContactAt.getTime() > SILENT_MS;
}
