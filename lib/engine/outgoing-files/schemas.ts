import { z } from "zod";
import { Bytes, Failure, Id, Instant, PageInput } from "@/lib/engine/schemas";
import { ExchangeServerVersion, FileName } from "@/lib/engine/uploads/schemas";

export const ReceiveFileInput = z.object({
  pairingId: Id,
  name: FileName,
  version: ExchangeServerVersion.default("None"),
});
export type ReceiveFileInput = z.infer<typeof ReceiveFileInput>;

export const ListOutgoingFilesInput = PageInput;
export type ListOutgoingFilesInput = z.infer<typeof ListOutgoingFilesInput>;

/** A file on its way to a target. */
export const OutgoingFileReport = z.object({
  id: Id,
  fileName: z.string(),
  version: ExchangeServerVersion,
  target: z.object({ pairingId: Id, name: z.string() }),
  /** receiving: it is still on its way to this core. */
  state: z.enum(["receiving", "queued", "sending", "sent", "failed", "cancelled"]),
  sizeBytes: Bytes,
  sentBytes: Bytes,
  /** Why it failed; while it is queued, why the last try did. */
  failure: Failure.nullable(),
  createdBy: z.string(),
  createdAt: Instant,
  endedAt: Instant.nullable(),
});
export type OutgoingFileReport = z.infer<typeof OutgoingFileReport>;
