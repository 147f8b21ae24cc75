import { type ErrorCode, TwincoreError } from "@/lib/errors";
import type { ReplicationRefusal } from "./schemas";

const CODES: Record<ReplicationRefusal, ErrorCode> = {
  "unknown-destination": "invalid_input",
  "not-replicable": "conflict",
  "nothing-to-do": "conflict",
  "destination-full": "storage_full",
  "already-replicating": "conflict",
  "in-use": "conflict",
};

/** A refusal that doors can tell from the others by its detail. */
export const refusal = (detail: ReplicationRefusal, message: string): TwincoreError =>
  new TwincoreError(CODES[detail], message, { detail });
