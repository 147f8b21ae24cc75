import { z } from "zod";
import { SkippedFile } from "@/lib/engine/recovery-points/schemas";
import { PointImage } from "@/lib/engine/replication/peer-schemas";
import { Bytes, Id, Instant } from "@/lib/engine/schemas";
import { integrity } from "@/lib/errors";

/** A thousand images and a thousand skipped files with long paths. */
export const POINT_BYTES_MAX = 16 * 1024 * 1024;

/** A recovery point on a drive: what replication declares of it when it starts. */
export const PointDeclaration = z.object({
  recoveryPointId: Id,
  agentId: Id,
  epochNumber: z.number().int().nonnegative(),
  utcCreatedTimestamp: Instant,
  logicalBytes: Bytes,
  skippedCount: z.number().int().nonnegative(),
  skipped: z.array(SkippedFile).max(1000),
  images: z.array(PointImage).min(1).max(1000),
});
export type PointDeclaration = z.infer<typeof PointDeclaration>;

export const encodePoint = (point: PointDeclaration): Buffer =>
  Buffer.from(`${JSON.stringify(PointDeclaration.parse(point))}\n`);

/** Throws `integrity`. */
export function decodePoint(bytes: Buffer): PointDeclaration {
  try {
    return PointDeclaration.parse(JSON.parse(bytes.toString("utf8")));
  } catch (error) {
    throw integrity("The document of a recovery point on the drive cannot be read.", error);
  }
}
