/** A piece as it lies in storage; `timesSeen` > 1: it came so often in a row. */
export interface SeenPiece {
  readonly objectId: string;
  readonly sizeBytes: number;
  readonly timesSeen: number;
}

/** Each costs reading the whole file. */
const LAYOUTS_MAX = 16;
/** Sums are tried one by one; more tries than these are no accident of lost answers. */
const STEPS_MAX = 100_000;

/**
 * The files that pieces sent in order, without offsets, may mean: an equal piece in a row is either a repeat (its answer
 * was lost) or really there twice, as in a run of zeros. The declared size rules out most; what remains is told apart by its
 * MD5. How often each piece counts, the likeliest first: all equal pieces real, then fewer.
 */
export function* layouts(pieces: readonly SeenPiece[], sizeBytes: number): Generator<number[]> {
  const repeated = pieces.flatMap((piece, index) => (piece.timesSeen > 1 ? [index] : []));
  const once = pieces.reduce((sum, piece) => sum + piece.sizeBytes, 0);
  const counts = pieces.map(() => 1);
  const room = roomAfter(pieces, repeated);
  let steps = 0;
  let found = 0;
  const search = function* (at: number, need: number): Generator<number[]> {
    const index = repeated[at];
    const piece = index === undefined ? undefined : pieces[index];
    if (index === undefined || !piece) {
      if (need === 0) yield [...counts];
      return;
    }
    const most = Math.min(piece.timesSeen - 1, Math.floor(need / piece.sizeBytes));
    for (let extra = most; extra >= 0; extra--) {
      const rest = need - extra * piece.sizeBytes;
      // What the later ones cannot make up for, fewer of this one cannot either.
      if (rest > (room[at + 1] ?? 0) || ++steps > STEPS_MAX || found >= LAYOUTS_MAX) return;
      counts[index] = 1 + extra;
      yield* search(at + 1, rest);
      counts[index] = 1;
    }
  };
  for (const layout of search(0, sizeBytes - once)) {
    if (found++ >= LAYOUTS_MAX) return;
    yield layout;
  }
}

/** Bytes that the repeats from each position on can add at most. */
function roomAfter(pieces: readonly SeenPiece[], repeated: readonly number[]): number[] {
  const room = [0];
  for (const index of repeated.toReversed()) {
    const piece = pieces[index];
    room.unshift((room[0] ?? 0) + (piece ? (piece.timesSeen - 1) * piece.sizeBytes : 0));
  }
  return room;
}
