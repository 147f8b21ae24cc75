import { z } from "zod";
import { Bytes, Id, Instant } from "@/lib/engine/schemas";
import { LimitedBy, RunPhase, TransferMode } from "@/lib/engine/sessions/schemas";
import { AgentRef, Count, JobRef, MaxTransferSpeed } from "./peer-basics";

/** Shapes of the contract that tell of jobs. Pure. */

export const RemoteReplicationJobRequest = z.object({
  agentId: Id,
  /** The source's id of its run; asking again with the same one gives the same job. Without it, with the job that goes on. */
  masterJobId: Id.nullable().default(null),
  /** Of the protocol between cores, as the source speaks it now. */
  protocolVersion: z.number().int().min(0).max(65_535).optional(),
});
export type RemoteReplicationJobRequest = z.input<typeof RemoteReplicationJobRequest>;

export const JobStatus = z.enum([
  "Unknown",
  "Starting",
  "Running",
  "Completing",
  "Succeeded",
  "Failed",
  "Canceled",
  "Waiting",
  "Pending",
  "Queued",
]);
export type JobStatus = z.infer<typeof JobStatus>;

/** The source's counters, mirrored on the target. */
export const JobProgress = z.object({
  phase: RunPhase,
  pointsTotal: Count,
  pointsDone: Count,
  bytesTotal: Bytes,
  bytesDone: Bytes,
  wireBytes: Bytes,
  savedBytes: Bytes,
  recordsNew: Count,
  recordsKnown: Count,
  rateBytesPerSecond: Bytes,
  etaSeconds: Count.nullable(),
  limitedBy: LimitedBy,
  mode: TransferMode.default("negotiated"),
});
export type JobProgress = z.infer<typeof JobProgress>;

/** Children that one word about a job may tell of: those that moved since the last one are few. */
export const CHILD_JOBS_PER_WORD = 50;
/** Children of a mirrored job that are kept and shown: the newest. */
export const CHILD_JOBS_KEPT = 200;

const FailureReason = z
  .object({ message: z.string().max(2000), detail: z.string().max(2000).default("") })
  .nullable()
  .default(null);

/** A part of a job, under the source's own id: the transfer of one recovery point, or of the agent's metadata. */
export const ChildJob = z.object({
  id: Id,
  kind: z.enum(["Transfer", "Metadata"]).default("Transfer"),
  summary: z.string().max(500).default(""),
  status: JobStatus,
  startTime: Instant.nullable().default(null),
  endTime: Instant.nullable().default(null),
  failureReason: FailureReason,
});
export type ChildJob = z.infer<typeof ChildJob>;

export const PeerJob = z.object({
  id: Id,
  summary: z.string().max(500).default(""),
  status: JobStatus,
  startTime: Instant.nullable().default(null),
  endTime: Instant.nullable().default(null),
  failureReason: FailureReason,
  childJobs: z.array(ChildJob).max(CHILD_JOBS_KEPT).meta({ xmlItem: "job" }).default([]),
  progress: JobProgress.nullable().default(null),
});
export type PeerJob = z.input<typeof PeerJob>;

/** A metadata update: an item is the agent itself, one volume, or one point. */
export const MetadataUpdateProgress = PeerJob.extend({ itemsDone: Count, itemsTotal: Count });
export type MetadataUpdateProgress = z.input<typeof MetadataUpdateProgress>;

export const TransferJobRef = JobRef.extend({
  /** The source's id of the transfer; without it, the job has one transfer. */
  masterJobId: Id.optional(),
});
export type TransferJobRef = z.infer<typeof TransferJobRef>;

const WordOfJob = PeerJob.extend({
  /** jobId tells which one it is. */
  id: Id.optional(),
  childJobs: z.array(ChildJob).max(CHILD_JOBS_PER_WORD).meta({ xmlItem: "job" }).default([]),
});
export const RemoteSyncReplicationJobRequest = JobRef.extend({ job: WordOfJob });
export type RemoteSyncReplicationJobRequest = z.input<typeof RemoteSyncReplicationJobRequest>;

/** What the people on the target want of the run. */
export const JobRequest = z.enum(["Continue", "Pause", "Cancel"]);
export const SyncedJob = PeerJob.extend({ requested: JobRequest, maxTransferSpeed: MaxTransferSpeed });
export type SyncedJob = z.infer<typeof SyncedJob>;

/** The job of UpdateReplicationStatus is told by its id. */
export const UpdateReplicationStatusInput = AgentRef.extend(PeerJob.shape);
export type UpdateReplicationStatusInput = z.input<typeof UpdateReplicationStatusInput>;
