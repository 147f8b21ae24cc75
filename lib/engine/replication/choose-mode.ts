import { KEY_BYTES } from "@/lib/engine/records/key";
import { KEYS_PER_BATCH } from "./peer-schemas";

/** What people may force for a measurement; "auto" weighs. */
export type TransferPreference = "auto" | "negotiated" | "direct";

/** What a call costs beside its bytes, in bytes: a line of 10 Mbit/s carries as many in a round trip of 25 ms. */
const CALL_BYTES = 32 * 1024;
/** The snapshot ids and the bitmap. */
const DIRECT_CALLS = 2;

const batchesOf = (keys: number): number => Math.ceil(keys / KEYS_PER_BATCH);

/** Bytes that it costs to find out by negotiation which of `blocks` records the target lacks. */
export const negotiatedCost = (blocks: number): number => blocks * KEY_BYTES + batchesOf(blocks) * CALL_BYTES;

/** The same by the bitmap of changed blocks, and a negotiation of those alone. */
export const directCost = (blocks: number, changed: number): number =>
  Math.ceil(blocks / 8) + changed * KEY_BYTES + (DIRECT_CALLS + batchesOf(changed)) * CALL_BYTES;

/** Could the direct way cost less, were next to nothing changed? Asked before the manifests are compared. */
export const mayBeDirect = (blocks: number, preference: TransferPreference): boolean =>
  preference !== "negotiated" && (preference === "direct" || directCost(blocks, 0) < negotiatedCost(blocks));

/** The rule: direct when the bitmap, the changed keys and two more calls cost less than all keys. */
export const isDirect = (blocks: number, changed: number, preference: TransferPreference): boolean =>
  preference === "direct" || (preference === "auto" && directCost(blocks, changed) < negotiatedCost(blocks));
