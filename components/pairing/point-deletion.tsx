import type { PairingSummary } from "@/lib/engine/pairing/schemas";
import { formatNumberOf } from "@/lib/format";

interface PointDeletionProps {
  pairing: PairingSummary;
  deletion: NonNullable<PairingSummary["pointDeletion"]>;
}

/** What becomes of the recovery points that an ended pairing brought. */
export function PointDeletion({ pairing, deletion }: PointDeletionProps) {
  return <p>{wordsOf(pairing, deletion)}</p>;
}

function wordsOf(pairing: PairingSummary, { endedAt, deleted, kept }: PointDeletionProps["deletion"]): string {
  if (pairing.side === "source")
    return endedAt
      ? "The other core was told to delete the recovery points that it holds of this one."
      : "The other core is to delete the recovery points that it holds of this one; it has not been reached yet.";
  const done = `${formatNumberOf(deleted, "recovery point")} deleted`;
  if (!endedAt) return `Its recovery points are being deleted: ${done} so far.`;
  return kept > 0 ? `${done}, ${kept} kept because they are locked.` : `${done}.`;
}
