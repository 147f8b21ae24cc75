/**
 * Buffers that are used again. A fresh megabyte costs more in page faults and garbage collection (V8 marks its whole heap for
 * each 64 MB that come and go outside of it) than hashing it does, and shared memory reaches the codec threads uncopied.
 */

/** Sizes are powers of two from 16 KiB, each with room for a frame header besides. */
const CLASS_BYTES_MIN = 16 * 1024;
const CLASS_SLACK_BYTES = 4096;
/** Kept for later; more than one writer and one receiver have under way together. */
const KEPT_BYTES_MAX = 64 * 1024 * 1024;

const free = new Map<number, SharedArrayBuffer[]>();
const lent = new WeakSet<SharedArrayBuffer>();
let keptBytes = 0;

/** A buffer of this length with whatever content. Give it back with `recycle`; forgetting that costs speed, not memory. */
export function takeScratch(length: number): Buffer {
  const size = classOf(length);
  const kept = free.get(size)?.pop();
  if (kept) keptBytes -= size;
  const memory = kept ?? new SharedArrayBuffer(size);
  lent.add(memory);
  return Buffer.from(memory, 0, length);
}

/** Gives a buffer from `takeScratch`, or any view of it, back; nobody may touch it any more. Other buffers are left alone. */
export function recycle(bytes: Buffer): void {
  const memory = bytes.buffer;
  if (!(memory instanceof SharedArrayBuffer) || !lent.delete(memory)) return;
  if (keptBytes + memory.byteLength > KEPT_BYTES_MAX) return;
  keptBytes += memory.byteLength;
  const kept = free.get(memory.byteLength) ?? [];
  kept.push(memory);
  free.set(memory.byteLength, kept);
}

function classOf(length: number): number {
  let size = CLASS_BYTES_MIN;
  while (size + CLASS_SLACK_BYTES < length) size *= 2;
  return size + CLASS_SLACK_BYTES;
}
