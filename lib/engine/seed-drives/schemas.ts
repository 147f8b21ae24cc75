import { z } from "zod";
import { Bytes, Failure, Id, Instant, PageInput } from "@/lib/engine/schemas";

/** Shapes of the native API that belong to seed drives. Pure. */

const Count = z.number().int().nonnegative();
/** Files of a drive are cut to a quarter of it, and one must hold the largest record. */
export const LIMIT_BYTES_MIN = 16 * 1024 * 1024;

const Folder = z.string().min(1).max(3800);
/** Long enough that guessing offline is hopeless. */
export const Passphrase = z.string().min(12, "A passphrase has at least 12 characters.").max(1024);

export const SeedDriveState = z.enum(["exporting", "waiting", "outstanding", "consumed", "abandoned"]);
export type SeedDriveState = z.infer<typeof SeedDriveState>;

export const SeedDriveSummary = z.object({
  id: Id,
  name: z.string(),
  /** source: written here. target: consumed here. */
  side: z.enum(["source", "target"]),
  state: SeedDriveState,
  pairing: z.object({ id: Id, peerName: z.string() }),
  /** Its folders, in order. */
  folders: z.array(z.string()),
  isEncrypted: z.boolean(),
  agents: z.array(z.object({ agentId: Id, name: z.string(), points: Count })),
  limitBytes: Bytes.nullable(),
  pointsTotal: Count,
  pointsDone: Count,
  /** Source: bytes written. Target: bytes read, of those known so far. */
  bytesDone: Bytes,
  bytesTotal: Bytes,
  recordsDone: Count,
  /** Target: folders consumed so far, and how many there are, known from the last one. */
  positionsDone: z.array(z.number().int()),
  positionsTotal: Count.nullable(),
  /** What went wrong, or could not be taken over, in words. */
  failure: Failure.nullable(),
  /** The export or consumption that is queued or running. */
  task: z
    .object({
      id: Id,
      state: z.enum(["queued", "running", "succeeded", "failed", "cancelled"]),
      phase: z.string(),
      bytesDone: Bytes,
      bytesTotal: Bytes.nullable(),
      rateBytesPerSecond: Bytes,
    })
    .nullable(),
  createdBy: z.string(),
  createdAt: Instant,
  writtenAt: Instant.nullable(),
  consumedAt: Instant.nullable(),
});
export type SeedDriveSummary = z.infer<typeof SeedDriveSummary>;

export const ListSeedDrivesInput = PageInput.extend({ pairingId: Id.optional(), state: SeedDriveState.optional() });
export type ListSeedDrivesInput = z.infer<typeof ListSeedDrivesInput>;

export const CreateSeedDriveInput = z.object({
  pairingId: Id,
  name: z.string().trim().min(1).max(200),
  agentIds: z.array(Id).min(1).max(1000),
  /** Only these points; when absent every point of the agents that the target is not known to hold. */
  recoveryPointIds: z.array(Id).min(1).max(10_000).optional(),
  /** Absolute; the drive's own folder is made in it. */
  folder: Folder,
  /** When a folder holds so much, the rest waits for the next one. */
  limitBytes: z.number().int().min(LIMIT_BYTES_MIN).optional(),
  /** Encrypts the drive. Kept nowhere. */
  passphrase: Passphrase.optional(),
});
export type CreateSeedDriveInput = z.infer<typeof CreateSeedDriveInput>;

export const ContinueSeedDriveInput = z.object({
  id: Id,
  /** The next folder of a drive that waits for one; absent: go on in the last folder. */
  folder: Folder.optional(),
});
export type ContinueSeedDriveInput = z.infer<typeof ContinueSeedDriveInput>;

export const ConsumeSeedDriveInput = z.object({
  /** The drive's folder, or the one around it. */
  folder: Folder,
  passphrase: z.string().min(1).max(1024).optional(),
});
export type ConsumeSeedDriveInput = z.infer<typeof ConsumeSeedDriveInput>;
