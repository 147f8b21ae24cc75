import "server-only";
import { createHash, webcrypto } from "node:crypto";

/** Below this, handing the bytes to the thread pool costs more than hashing them here (64 KiB ≈ 60 µs). */
const POOL_BYTES_MIN = 64 * 1024;

/** SHA-256 without codec threads; large inputs on the thread pool of the process. */
export async function sha256Here(bytes: Uint8Array): Promise<Buffer> {
  // The thread pool refuses shared memory, where another thread might change the bytes meanwhile.
  const here = bytes.length < POOL_BYTES_MIN || bytes.buffer instanceof SharedArrayBuffer;
  if (here) return createHash("sha256").update(bytes).digest();
  return Buffer.from(await webcrypto.subtle.digest("SHA-256", bytes));
}
