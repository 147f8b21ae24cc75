import type { z } from "zod";
import type {
  AcknowledgeInput,
  LeadingMetadata,
  LeadingPoint,
  LeadingRange,
  ReadRecordsInput,
  SelectLeadingInput,
} from "@/lib/engine/pull/peer-schemas";
import type { ConsumedSeedDrives } from "@/lib/engine/seed-drives/peer-schemas";
import type { SessionNews, SessionNewsInput, SessionView, SessionWord } from "@/lib/engine/sessions/peer-schemas";
import type { RemoteSnapshotFileScidInfo, StartO3EDirectVolumeImageReplicationSessionRequest } from "./direct-schemas";
import type {
  CommittingStatus,
  EndInput,
  MetadataUpdateProgress,
  NegotiateInput,
  RecoveryPointRange,
  RemoteReplicationJobRequest,
  RemoteSyncReplicationJobRequest,
  ReplicatedAgents,
  ReplicationAbility,
  RoomAnswer,
  SelectRangeInput,
  StartMetadataUpdateRequest,
  StartVolumeImageReplicationSessionRequest,
  StorageUsageSummary,
  SyncedJob,
  TransferInput,
  TransferJobRef,
  UpdateReplicationStatusInput,
} from "./peer-schemas";

/** One transfer of one image, as both cores name it. */
export interface ImageRef {
  readonly agentId: string;
  readonly jobId: string;
  readonly sessionId: string;
}

/** What the caller wants to know of, and have a say in, while a target is spoken to. */
export interface TargetHooks {
  /** Ends every call that is going on. */
  readonly signal: AbortSignal;
  /** Bytes on the wire since the last report. */
  readonly onBytes?: (sent: number, received: number) => void;
  /** Awaited before so many bytes of records are sent: the rate cap. */
  readonly throttle?: (bytes: number) => Promise<void>;
}

/**
 * The other core, as replication needs it: the HTTP client and an in-process core both are one, and faults are injected by
 * wrapping it.
 *
 * Every call may be repeated, because its answer may have been lost: a repeated call must have the effect of one. Calls for one
 * image session come in order, except `transfer`, of which several may run at once.
 * Errors are TwincoreErrors. `not_found` and `unauthenticated`: this core does not (any more) see the agent or session.
 * `unavailable`: no answer, try later. `storage_full`: no space or no quota, nothing was lost. `conflict`: the state of the
 * target does not allow it. `integrity` and `invalid_input`: what we sent is wrong, and will be again.
 */
export interface TargetCore {
  /** Which points are there, oldest first; see SelectRangeInput for how nothing-to-do is told in one call. */
  selectRecoveryPoints(input: z.input<typeof SelectRangeInput>): Promise<RecoveryPointRange>;
  verifyAbility(input: { agentId: string }): Promise<ReplicationAbility>;
  /** The target's id of our run. Throws `conflict` while people on the target have paused the agent. */
  startJob(input: RemoteReplicationJobRequest): Promise<string>;
  /** The mirror of a part of it, for people there. */
  startTransferJob(input: TransferJobRef): Promise<void>;
  startMetadataUpdate(input: StartMetadataUpdateRequest): Promise<void>;
  metadataUpdateProgress(input: { agentId: string }): Promise<MetadataUpdateProgress>;
  startImageSession(input: StartVolumeImageReplicationSessionRequest): Promise<string>;
  /** As startImageSession, for a raw image as a change of one on the target; `conflict` when that one is not there as declared. */
  startDirectSession(input: StartO3EDirectVolumeImageReplicationSessionRequest): Promise<string>;
  /** From which snapshot to which; `conflict` ends the session when they are not those of the target. */
  sendScid(input: RemoteSnapshotFileScidInfo): Promise<void>;
  /** One bit per block of the image: it changed. */
  sendBitmap(input: ImageRef, bitmap: Buffer): Promise<void>;
  /** As negotiate, for the keys of changed blocks alone; `start` counts those. */
  negotiateDirect(input: ImageRef & { start: z.input<typeof NegotiateInput>["start"] }, keys: Buffer): Promise<Buffer>;
  /** `keys` and the answer: packed record keys. Of a record that is missing, one key is answered, holes never. */
  negotiate(input: ImageRef & { start: z.input<typeof NegotiateInput>["start"] }, keys: Buffer): Promise<Buffer>;
  /** Would so many bytes of frames fit? Throws `storage_full` when not; `not_found` also of a core that does not know the question. */
  askRoom(input: ImageRef & { bytes: number }): Promise<RoomAnswer>;
  /** Records as frames. Resolves when all of them are durable and indexed on the target; after a failure some may be. */
  transfer(
    input: ImageRef & Omit<z.input<typeof TransferInput>, keyof ImageRef>,
    frames: AsyncIterable<Uint8Array>,
  ): Promise<void>;
  /** Begins to make the image true (commit) or to drop it. */
  startEnding(input: ImageRef & { commit: boolean }): Promise<void>;
  /** How far that is. Throws what made it fail. */
  poke(input: ImageRef): Promise<CommittingStatus>;
  /** As startEnding, and waits for the end. */
  end(input: ImageRef & { commit: z.output<typeof EndInput>["commit"] }): Promise<void>;
  /** Tells our progress, and hears what people on the target want. */
  syncJob(input: RemoteSyncReplicationJobRequest): Promise<SyncedJob>;
  updateStatus(input: UpdateReplicationStatusInput): Promise<void>;
  updateStorageUsage(input: StorageUsageSummary): Promise<void>;
  replicatedAgents(): Promise<ReplicatedAgents>;
  /** Our view of a session; the answer is that of the target, which has taken over what was newer. */
  tellSession(input: z.input<typeof SessionWord>): Promise<SessionView>;
  /** How the sessions of the pairing stand there. */
  hearSessions(input: z.input<typeof SessionNewsInput>): Promise<SessionNews>;
  /** Seed drives of ours that the target consumed. */
  consumedSeedDrives(input: { agentId: string }): Promise<ConsumedSeedDrives>;
  /** What follows is answered while that core is current for the agent, since a failover; `conflict` "wrong-side" when it is not. */
  selectLeadingPoints(input: z.input<typeof SelectLeadingInput>): Promise<LeadingRange>;
  describeLeadingPoint(input: { agentId: string; recoveryPointId: string }): Promise<LeadingPoint>;
  /** Resolves when the answer begins; leaving the iteration ends the call. */
  readImageManifest(input: { agentId: string; imageId: string }): Promise<AsyncIterable<Uint8Array>>;
  /** `keys`: packed record keys, all of the part of the image that the input names; the answer: their frames, in order. */
  readImageRecords(input: z.input<typeof ReadRecordsInput>, keys: Buffer): Promise<AsyncIterable<Uint8Array>>;
  readLeadingMetadata(input: { agentId: string }): Promise<LeadingMetadata>;
  acknowledgePull(input: AcknowledgeInput): Promise<void>;
  /** Its id of our run that fetches. Throws `conflict` while people there have paused the agent. */
  startPullJob(input: RemoteReplicationJobRequest): Promise<string>;
  close(): void;
}

/** How a run reaches the target of a pairing. Jobs pass the HTTP client, tests a core in the same process. */
export type ConnectTarget = (pairingId: string, hooks: TargetHooks) => Promise<TargetCore>;
