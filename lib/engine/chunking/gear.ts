import { createHash } from "node:crypto";

/**
 * 256 words without a pattern, the same on every core and for ever: cuts depend on them, and deduplication on cuts.
 * Word i is the beginning of SHA-256("twincore gear 1 <i>").
 */
export const GEAR: Int32Array = Int32Array.from({ length: 256 }, (_, i) =>
  createHash("sha256").update(`twincore gear 1 ${i}`).digest().readInt32LE(0),
);
