import { z } from "zod";
import { Bytes, Id, Instant, PageInput } from "@/lib/engine/schemas";
import { isFileName } from "./file-name";

/** Versions of the application that a file belongs to, under the contract's names. */
export const ExchangeServerVersion = z.enum([
  "Unknown",
  "None",
  "Exchange2003",
  "Exchange2007",
  "Exchange2010",
  "Exchange2013",
]);
export type ExchangeServerVersion = z.infer<typeof ExchangeServerVersion>;

export const FileName = z
  .string()
  .min(1)
  .max(255)
  .refine(
    isFileName,
    "A file name is a name and no path: no slashes, colons or control characters, at most 255 bytes.",
  );

export const ListUploadsInput = PageInput;
export type ListUploadsInput = z.infer<typeof ListUploadsInput>;

/** An upload that goes on. */
export const UploadReport = z.object({
  id: Id,
  fileName: z.string(),
  version: ExchangeServerVersion,
  sizeBytes: Bytes,
  receivedBytes: Bytes,
  sender: z.object({ pairingId: Id, name: z.string() }),
  createdAt: Instant,
  updatedAt: Instant,
});
export type UploadReport = z.infer<typeof UploadReport>;
