import { RECORD_BYTES_MAX } from "./frame";

const ZEROS = Buffer.alloc(RECORD_BYTES_MAX);

/** Is every byte zero? Stops at the first that is not. At most RECORD_BYTES_MAX bytes are compared at a time. */
export function isZero(bytes: Buffer): boolean {
  for (let at = 0; at < bytes.length; at += RECORD_BYTES_MAX) {
    const part = bytes.subarray(at, at + RECORD_BYTES_MAX);
    if (!part.equals(ZEROS.subarray(0, part.length))) return false;
  }
  return true;
}

/** The content of a hole: a view of shared zeros, never to be written to. */
export const zeros = (length: number): Buffer => ZEROS.subarray(0, length);
