import { TwincoreError } from "@/lib/errors";

export interface ByteRange {
  start: number;
  /** Exclusive. */
  end: number;
}

/**
 * The part that a Range header asks for, or the whole without one. Of several ranges or another unit the whole is answered,
 * as HTTP allows. Throws `bad_range` when no byte of it exists.
 */
export function parseRange(header: string | undefined, totalBytes: number): ByteRange {
  const whole = { start: 0, end: totalBytes };
  const match = header === undefined ? null : /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header.trim());
  const [, first = "", last = ""] = match ?? [];
  if (!match || (first === "" && last === "")) return whole;
  const start = first === "" ? Math.max(0, totalBytes - Number(last)) : Number(first);
  const end = first === "" || last === "" ? totalBytes : Math.min(totalBytes, Number(last) + 1);
  if (first !== "" && last !== "" && Number(last) < Number(first)) return whole;
  if (start >= totalBytes || start >= end)
    throw new TwincoreError("bad_range", `Bytes ${header} do not exist: there are ${totalBytes}.`, { totalBytes });
  return { start, end };
}
