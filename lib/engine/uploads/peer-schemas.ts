import { z } from "zod";
import { Bytes, Id } from "@/lib/engine/schemas";
import { ExchangeServerVersion, FileName } from "./schemas";

/** Shapes of the ReplicationCommunication contract that belong to uploads, under the contract's names. Pure. */

/** MD5 as 32 hexadecimal digits, as .NET prints bytes ("0A-FF-…"), or as base64. */
const Md5Hash = z
  .string()
  .max(64)
  .regex(/^(?:[\da-f]{32}|(?:[\da-f]{2}-){15}[\da-f]{2}|[a-z\d+/]{22}==)$/i, "md5Hash is not an MD5 digest.");

export const FileReceiveRequest = z.object({
  fileName: FileName,
  fileSize: Bytes,
  md5Hash: Md5Hash,
  /** What the file is for. Ours: the published clients do not send it. */
  version: ExchangeServerVersion.default("None"),
});
export type FileReceiveRequest = z.infer<typeof FileReceiveRequest>;

export const FileReceiveResponse = z.object({ uploadSessionId: Id, maxBlockSize: Bytes });
export type FileReceiveResponse = z.infer<typeof FileReceiveResponse>;

export const UploadRef = z.object({ uploadSessionId: Id });
export type UploadRef = z.infer<typeof UploadRef>;

export const ContinueUploadInput = UploadRef.extend({
  /** Bytes of the body. */
  dataSize: z.coerce.number().int().min(1),
  /** Where in the file they belong. Ours: without it they come after the last piece. */
  offset: z.coerce.number().int().nonnegative().optional(),
});
export type ContinueUploadInput = z.infer<typeof ContinueUploadInput>;

/** `commit` comes with the older spelling of EndVolumeImageReplicationSession, which has the same address. */
export const CancelUploadInput = UploadRef.extend({ commit: z.stringbool().optional() });
export type CancelUploadInput = z.infer<typeof CancelUploadInput>;

export const ExchangeServerVersions = z.object({
  /** None when there is no file of any version. */
  exchangeServerVersions: z.array(ExchangeServerVersion).max(16).meta({ xmlType: "flags", xmlText: true }),
});
export type ExchangeServerVersions = z.infer<typeof ExchangeServerVersions>;

/** In XML the version is the whole body: `<ExchangeServerVersion>Exchange2010</ExchangeServerVersion>`. */
export const ExchangeDllInput = z
  .object({ fileName: FileName, exchangeServerVersion: ExchangeServerVersion.meta({ xmlText: true }) })
  .meta({ xmlNamespace: "http://schemas.datacontract.org/2004/07/Replay.Common.Contracts.Metadata.Exchange" });
export type ExchangeDllInput = z.infer<typeof ExchangeDllInput>;

export const FileInformation = z.object({
  fileName: z.string(),
  /** Hexadecimal, like the SHA-256. */
  md5Hash: z.string(),
  sha256Hash: z.string(),
  size: Bytes,
  version: ExchangeServerVersion,
});
export type FileInformation = z.infer<typeof FileInformation>;
