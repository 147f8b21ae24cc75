// The arithmetic of the ledger, exactly: whole seconds and whole bytes. Pure. The roll-up does the same in SQL for all agents at once;
// a test holds the two against each other.

/** Two measurements that lie further apart leave a gap: nobody knows what was used in between, and it is not charged. */
export const GAP_SECONDS = 2 * 3600;

/** An entry of the ledger. Times are seconds since 1970. */
export interface LedgerEntry {
  readonly at: number;
  readonly tenantId: string;
  readonly repositoryId: string;
  readonly protectedBytes: bigint;
  readonly storedBytes: bigint;
  /** The agent's counter. */
  readonly transferredBytes: bigint;
  readonly recoveryPoints: number;
  readonly agents: number;
  readonly isEnd: boolean;
}

/** A stretch in which an entry counts, with how much of it was measured and how much lies in a gap. */
export interface Piece {
  readonly entry: LedgerEntry;
  readonly from: number;
  readonly to: number;
  readonly measured: number;
  readonly missing: number;
}

export interface RolledDay {
  readonly tenantId: string;
  readonly repositoryId: string;
  readonly day: string;
  measuredSeconds: number;
  missingSeconds: number;
  agentSeconds: number;
  protectedByteSeconds: bigint;
  storedByteSeconds: bigint;
  transferredBytes: bigint;
  protectedBytesMax: bigint;
  storedBytesMax: bigint;
  recoveryPointsMax: number;
  protectedBytesLast: bigint;
  storedBytesLast: bigint;
  recoveryPointsLast: number;
}

export interface LedgerDay {
  readonly tenantId: string;
  readonly day: string;
  readonly from: number;
  readonly to: number;
}

/** How much of a stretch of time was measured, and how much lies in a gap. Behind the last measurement nothing is known yet. */
function clockOf(measurements: readonly number[]): (from: number, to: number) => { measured: number; missing: number } {
  return (from, to) => {
    let measured = 0;
    let missing = 0;
    for (let at = firstAfter(measurements, from); at < measurements.length; at++) {
      const [begin, end] = [measurements[at - 1], measurements[at]];
      if (begin === undefined || end === undefined) continue;
      if (begin >= to) break;
      const seconds = Math.max(0, Math.min(end, to) - Math.max(begin, from));
      if (end - begin <= GAP_SECONDS) measured += seconds;
      else missing += seconds;
    }
    return { measured, missing };
  };
}

/** The place of the first measurement behind a moment. */
function firstAfter(measurements: readonly number[], at: number): number {
  let [low, high] = [0, measurements.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((measurements[middle] ?? 0) <= at) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The stretches of a day in which one agent's entries count in the day's tenant. Both lists in order, the entries by when they were written. */
export function piecesOf(entries: readonly LedgerEntry[], measurements: readonly number[], day: LedgerDay): Piece[] {
  const clock = clockOf(measurements);
  const known = measurements.at(-1) ?? Number.NEGATIVE_INFINITY;
  return entries.flatMap((entry, place) => {
    const from = Math.max(entry.at, day.from);
    const to = Math.min(entries[place + 1]?.at ?? known, day.to, known);
    if (entry.isEnd || entry.tenantId !== day.tenantId || to <= from) return [];
    return [{ entry, from, to, ...clock(from, to) }];
  });
}

/** One agent's days: one row for each tenant and repository in which it was. `counterBefore` is its counter before the first entry. */
export function rollDays(
  entries: readonly LedgerEntry[],
  measurements: readonly number[],
  days: readonly LedgerDay[],
  counterBefore = 0n,
): RolledDay[] {
  if (measurements.length === 0) return [];
  return days.flatMap((day) => {
    const rows = new Map<string, RolledDay>();
    const rowOf = ({ repositoryId }: LedgerEntry) => {
      const row = rows.get(repositoryId) ?? emptyDay(day, repositoryId);
      rows.set(repositoryId, row);
      return row;
    };
    for (const piece of piecesOf(entries, measurements, day)) addPiece(rowOf(piece.entry), piece);
    entries.forEach((entry, place) => {
      if (entry.tenantId !== day.tenantId) return;
      addEntry(rowOf(entry), entry, entries[place + 1]?.at ?? Number.POSITIVE_INFINITY, day);
      const brought = entry.transferredBytes - (entries[place - 1]?.transferredBytes ?? counterBefore);
      if (entry.at >= day.from && entry.at < day.to && brought > 0n) rowOf(entry).transferredBytes += brought;
    });
    return [...rows.values()].filter(
      (row) => row.measuredSeconds > 0 || row.missingSeconds > 0 || row.transferredBytes > 0n,
    );
  });
}

function addPiece(row: RolledDay, { entry, measured, missing }: Piece): void {
  row.measuredSeconds += measured;
  row.missingSeconds += missing;
  row.agentSeconds += measured * entry.agents;
  row.protectedByteSeconds += entry.protectedBytes * BigInt(measured);
  row.storedByteSeconds += entry.storedBytes * BigInt(measured);
}

/** What an entry says of the day beside its sums. `next` is when another one took its place. */
function addEntry(row: RolledDay, entry: LedgerEntry, next: number, day: LedgerDay): void {
  if (entry.isEnd || Math.max(entry.at, day.from) >= Math.min(next, day.to)) return;
  const larger = (a: bigint, b: bigint) => (a > b ? a : b);
  row.protectedBytesMax = larger(row.protectedBytesMax, entry.protectedBytes);
  row.storedBytesMax = larger(row.storedBytesMax, entry.storedBytes);
  row.recoveryPointsMax = Math.max(row.recoveryPointsMax, entry.recoveryPoints);
  if (next < day.to) return;
  row.protectedBytesLast = entry.protectedBytes;
  row.storedBytesLast = entry.storedBytes;
  row.recoveryPointsLast = entry.recoveryPoints;
}

const emptyDay = ({ tenantId, day }: LedgerDay, repositoryId: string): RolledDay => ({
  tenantId,
  repositoryId,
  day,
  measuredSeconds: 0,
  missingSeconds: 0,
  agentSeconds: 0,
  protectedByteSeconds: 0n,
  storedByteSeconds: 0n,
  transferredBytes: 0n,
  protectedBytesMax: 0n,
  storedBytesMax: 0n,
  recoveryPointsMax: 0,
  protectedBytesLast: 0n,
  storedBytesLast: 0n,
  recoveryPointsLast: 0,
});
