import { z } from "zod";
import { Bytes, Id, Instant, PageInput } from "@/lib/engine/schemas";
import { ExchangeServerVersion } from "@/lib/engine/uploads/schemas";

export const ListCoreFilesInput = PageInput;
export type ListCoreFilesInput = z.infer<typeof ListCoreFilesInput>;

/** A file that a peer sent and this core keeps. */
export const CoreFileReport = z.object({
  id: Id,
  fileName: z.string(),
  version: ExchangeServerVersion,
  sizeBytes: Bytes,
  /** Hexadecimal, as the SHA-256. */
  md5: z.string(),
  sha256: z.string(),
  /** null: its pairing is gone. */
  sender: z.object({ pairingId: Id, name: z.string() }).nullable(),
  createdAt: Instant,
});
export type CoreFileReport = z.infer<typeof CoreFileReport>;
