const MiB = 1024 * 1024;

/** One transfer is one pack on the target: less wastes a flush to its disk, more is lost when the connection breaks. */
export const TRANSFER_BYTES_MIN = MiB;
export const TRANSFER_BYTES_MAX = 32 * MiB;
export const IN_FLIGHT_MIN = 2;
export const IN_FLIGHT_MAX = 4;
/** The window should last several answers, so that waiting for them costs little … */
const ANSWERS = 4;
const WINDOW_MS_MIN = 500;
/** … but not longer than this, unless two answers do: progress moves when an answer comes, and what is lost is sent again. */
const WINDOW_MS_MAX = 2_000;
const ANSWERS_MIN = 2;
/** Transfers that a window is cut into: one is sent while one waits for its answer and one is read. */
const PARTS = 3;

export interface Measured {
  /** Bytes of frames per second that the target acknowledged lately; 0 when nothing is known yet. */
  readonly bytesPerSecond: number;
  /** How long an answer takes after the last byte: the way there and back, and the target's flush to its disk. */
  readonly answerMs: number;
  /**
   * The rate cap that holds now; null or absent: none. What seems faster is a burst, a transfer that ended beside others, or bytes that
   * wait in buffers.
   */
  readonly capBytesPerSecond?: number | null;
}

export interface Window {
  /** Bytes of one transfer. */
  readonly transferBytes: number;
  /** Transfers under way at once. */
  readonly inFlight: number;
}

/**
 * How much may be under way: rate × time, so that the line stays full while answers travel. Its product is also what an
 * interrupted run sends again at most. The time grows with the answers: if it did not, small transfers to a slow disk would
 * measure the disk's latency as the rate, and stay small.
 */
export function sizeWindow({ bytesPerSecond: measured, answerMs, capBytesPerSecond }: Measured): Window {
  const bytesPerSecond = Math.min(measured, capBytesPerSecond ?? measured);
  if (bytesPerSecond <= 0) return { transferBytes: 4 * MiB, inFlight: IN_FLIGHT_MIN };
  const windowMs = Math.max(WINDOW_MS_MIN, ANSWERS_MIN * answerMs, Math.min(WINDOW_MS_MAX, ANSWERS * answerMs));
  const wanted = (bytesPerSecond * windowMs) / 1000;
  const transferBytes = Math.round(clamp(wanted / PARTS, TRANSFER_BYTES_MIN, TRANSFER_BYTES_MAX));
  const inFlight = clamp(Math.round(wanted / transferBytes), IN_FLIGHT_MIN, IN_FLIGHT_MAX);
  return { transferBytes, inFlight };
}

const clamp = (value: number, least: number, most: number): number => Math.min(most, Math.max(least, value));

/** Cuts the next transfer off a queue of frames: as many as fit the window, and never none. */
export function takeTransfer<T extends { length: number }>(
  queue: T[],
  transferBytes: number,
): { taken: T[]; bytes: number } {
  let count = 0;
  let bytes = 0;
  for (const frame of queue) {
    if (count > 0 && bytes + frame.length > transferBytes) break;
    bytes += frame.length;
    count++;
  }
  return { taken: queue.splice(0, count), bytes };
}
