import { z } from "zod";
import { Bytes, Id } from "@/lib/engine/schemas";
import { Count, Hash, StartVolumeImageReplicationSessionRequest } from "./peer-schemas";

/** Shapes of the contract's direct sessions (O3E): a raw image as the blocks that changed since one that the target holds. Pure. */

export const StartO3EDirectVolumeImageReplicationSessionRequest = StartVolumeImageReplicationSessionRequest.extend({
  /** The image on the target that this one is a change of, and the digest of its manifest. */
  baseVolumeImageId: Id,
  baseHeaderHash: Hash,
});
export type StartO3EDirectVolumeImageReplicationSessionRequest = z.infer<
  typeof StartO3EDirectVolumeImageReplicationSessionRequest
>;

/** Snapshot id (`scidOf`): at most 2^53 − 1, so that a JSON number carries it exactly. */
const Scid = z.number().int().positive().max(Number.MAX_SAFE_INTEGER);

/** From which snapshot the bitmap leads to which. */
export const RemoteSnapshotFileScidInfo = z.object({
  agentId: Id,
  jobId: Id,
  sessionId: Id,
  baseScid: Scid,
  scid: Scid,
});
export type RemoteSnapshotFileScidInfo = z.infer<typeof RemoteSnapshotFileScidInfo>;

/** How a direct session reaches the repository of the agent on the target: by the operations of this contract. */
export const O3ERemoteConnectionDescription = z.object({
  agentId: Id,
  /** Plaintext bytes of a block: what one bit of a bitmap stands for. */
  blockSize: Bytes,
  maxBitmapSize: Bytes,
  maxKeysPerRequest: Count,
  maxTransferDataSize: Bytes,
  repositoryId: Id,
  sessionId: Id,
});
export type O3ERemoteConnectionDescription = z.infer<typeof O3ERemoteConnectionDescription>;

/** The snapshot on the target that a session writes: what it is now. */
export const O3ERemoteSnapshotFileInfo = z.object({
  /** A logical name, never a path of the target's machine. */
  fullPath: z.string(),
  openInfo: z.object({
    blockSize: Bytes,
    createAfterRollback: z.boolean(),
    createWritableSnapshot: z.boolean(),
    /** Only "None" of the original's names is known. */
    imageType: z.enum(["None"]),
    openWritable: z.boolean(),
    openWritableSnapshot: z.boolean(),
    /** The image is not committed yet. */
    partial: z.boolean(),
    /** Where a direct session that is dropped leaves it: the base; 0 = nowhere. */
    rollbackImageScid: z.number().int().nonnegative(),
    /** 0 = nothing is there yet. */
    scid: z.number().int().nonnegative(),
    size: Bytes,
    volumeId: Id,
  }),
});
export type O3ERemoteSnapshotFileInfo = z.infer<typeof O3ERemoteSnapshotFileInfo>;

/** An image by what it is of and when, instead of by a session. */
export const ParticularVolumeImageRef = z.object({
  agentId: Id,
  volumeDriverId: Id,
  epochNumber: z.coerce.number().int().nonnegative(),
});
export type ParticularVolumeImageRef = z.infer<typeof ParticularVolumeImageRef>;
