import { z } from "zod";
import { Bytes, Failure, Id, Instant, PageInput } from "@/lib/engine/schemas";

export const SessionState = z.enum([
  "initializing",
  "ok",
  "synchronizing",
  "pausing",
  "paused",
  "resuming",
  "system_paused",
  "failing_over",
  "failing_over_for_dr",
  "failed_over",
  "reprotecting",
  "deleting",
  "ended",
]);
export type SessionState = z.infer<typeof SessionState>;

export const RunPhase = z.enum(["plan", "metadata", "negotiate", "transfer", "commit", "finish"]);
export type RunPhase = z.infer<typeof RunPhase>;

/** What binds a run right now. */
export const LimitedBy = z.enum(["nothing", "source-disk", "network", "target", "rate-cap"]);

/** negotiated: every key is offered · direct: only the blocks that changed since an image that the target holds. */
export const TransferMode = z.enum(["negotiated", "direct"]);
export type TransferMode = z.infer<typeof TransferMode>;

/** One replication of one session, as data. Counters never go backwards; written about once a second. */
export const RunReport = z.object({
  id: Id,
  sessionId: Id,
  state: z.enum(["queued", "running", "paused", "succeeded", "failed", "cancelled"]),
  phase: RunPhase,
  pointsTotal: z.number().int(),
  pointsDone: z.number().int(),
  bytesTotal: Bytes,
  bytesDone: Bytes,
  wireBytes: Bytes,
  savedBytes: Bytes,
  recordsNew: z.number().int(),
  recordsKnown: z.number().int(),
  rateBytesPerSecond: Bytes,
  etaSeconds: z.number().int().nullable(),
  limitedBy: LimitedBy,
  /** direct as soon as one image of it went that way. */
  mode: TransferMode,
  pauseReason: z.string().nullable(),
  failure: Failure.nullable(),
  createdAt: Instant,
  startedAt: Instant.nullable(),
  endedAt: Instant.nullable(),
  updatedAt: Instant,
});
export type RunReport = z.infer<typeof RunReport>;

export const SessionSummary = z.object({
  id: Id,
  side: z.enum(["source", "target"]),
  state: SessionState,
  agent: z.object({ id: Id, name: z.string() }),
  peer: z.object({ pairingId: Id, name: z.string() }),
  pausedBy: z.enum(["source", "target"]).nullable(),
  rpoSeconds: z.number().int(),
  /** now − creation of the newest point complete on the target; null before the first. */
  lagSeconds: z.number().int().nullable(),
  /** Points that the target still lacks; known on the source only. */
  pendingPoints: z.number().int().nullable(),
  newestPointAt: Instant.nullable(),
  lastSuccessAt: Instant.nullable(),
  nextRunAt: Instant.nullable(),
  consecutiveFailures: z.number().int(),
  failure: Failure.nullable(),
  /** The newest run, also when it has ended. */
  run: RunReport.nullable(),
});
export type SessionSummary = z.infer<typeof SessionSummary>;

export const RatePoint = z.object({ at: Instant, wireBytesPerSecond: Bytes, bytesPerSecond: Bytes });

export const SessionDetail = SessionSummary.extend({
  rateCapBytesPerSecond: Bytes.nullable(),
  runs: z.array(RunReport),
  /** Rate history of the newest run. */
  rates: z.array(RatePoint),
});
export type SessionDetail = z.infer<typeof SessionDetail>;

const JobPart = z.object({
  id: Id,
  kind: z.enum(["transfer", "metadata"]),
  summary: z.string(),
  /** As the source says it: "Running", "Succeeded"… */
  status: z.string(),
  failureMessage: z.string().nullable(),
  startedAt: Instant,
  endedAt: Instant.nullable(),
});
export type JobPart = z.infer<typeof JobPart>;

/** Target: the source's job as this core mirrors it. */
export const MirroredJob = z.object({
  id: Id,
  summary: z.string(),
  status: z.string(),
  failureMessage: z.string().nullable(),
  startedAt: Instant,
  endedAt: Instant.nullable(),
  /** When the source last spoke of it. */
  heardAt: Instant,
  /** Since when the source has been silent for longer than it should. */
  silentSince: Instant.nullable(),
  /** The newest of its parts, newest first. */
  parts: z.array(JobPart),
});
export type MirroredJob = z.infer<typeof MirroredJob>;

export const ListSessionsInput = PageInput.extend({ state: SessionState.optional(), agentId: Id.optional() });
export type ListSessionsInput = z.infer<typeof ListSessionsInput>;
