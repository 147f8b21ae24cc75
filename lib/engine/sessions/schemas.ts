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

export const SessionRole = z.enum(["source", "destination"]);
export type SessionRole = z.infer<typeof SessionRole>;

/** What may be asked of a session; which side and state takes what is the table in operations.ts. */
export const SessionOperation = z.enum([
  "sync",
  "pause",
  "resume",
  "fail_over_planned",
  "fail_over_unplanned",
  "reprotect",
  "fail_back",
  "start_failover_test",
  "stop_failover_test",
  "resolve_divergence",
]);
export type SessionOperation = z.infer<typeof SessionOperation>;

export const AllowedOperation = z.object({
  operation: SessionOperation,
  allowed: z.boolean(),
  /** Why not, as a sentence and as one word; null: it is allowed. */
  reason: z.string().nullable(),
  detail: z.string().nullable(),
});

/** A step that follows by itself. */
export const SessionStep = z.enum(["reprotect", "fail-over"]);
export type SessionStep = z.infer<typeof SessionStep>;

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
  /** source: this core is current for the agent, it is captured here. Flips with a failover. */
  role: SessionRole,
  /** How often the roles have changed. */
  epoch: z.number().int(),
  /** Whether the other core knows of the last order. A pause that it has not heard of holds on this side only. */
  isHeard: z.boolean(),
  /** When both cores last compared their views; null: never. */
  heardAt: Instant.nullable(),
  isLinkDown: z.boolean(),
  /** The last failover; null: there was none. */
  failover: z.object({ kind: z.enum(["planned", "unplanned"]), at: Instant, commonPointId: Id.nullable() }).nullable(),
  /** What follows by itself when the present step is done. */
  steps: z.array(SessionStep),
  /** Both cores were written after a failover: nothing is copied until a person chooses. */
  isDiverged: z.boolean(),
  /** The failover test that goes on; agentId: the copy it works on, null on the other core. */
  test: z
    .object({ agentId: Id.nullable(), recoveryPointId: Id.nullable(), startedAt: Instant, endsAt: Instant.nullable() })
    .nullable(),
  replicationRule: z.object({ id: Id, name: z.string() }).nullable(),
  policy: z.object({ id: Id, name: z.string() }).nullable(),
  newestPointId: Id.nullable(),
  /** How long the last run with work took. */
  lastSyncMs: z.number().int().nullable(),
  /** Of the run that goes on; known where the role is source. */
  progressPercent: z.number().int().min(0).max(100).nullable(),
  allowed: z.array(AllowedOperation),
});
export type SessionSummary = z.infer<typeof SessionSummary>;

export const RatePoint = z.object({ at: Instant, wireBytesPerSecond: Bytes, bytesPerSecond: Bytes });

/** A recovery point that only one of the two cores has. */
export const DivergentPoint = z.object({ id: Id, sequence: z.number().int(), createdAt: Instant });
export type DivergentPoint = z.infer<typeof DivergentPoint>;

const DivergentSide = z.object({
  /** The newest of them, newest first. */
  points: z.array(DivergentPoint),
  total: z.number().int(),
});

/** Both cores have points that the other lacks, or the one that is not current any more has. */
export const Divergence = z.object({
  /** The newest point that both have; null: they have none in common. */
  commonPointId: Id.nullable(),
  here: DivergentSide,
  there: DivergentSide,
  at: Instant,
  /** What a person chose and the other core has not done yet. */
  keep: z.enum(["here", "there"]).nullable(),
});
export type Divergence = z.infer<typeof Divergence>;

export const SessionDetail = SessionSummary.extend({
  divergence: Divergence.nullable(),
  rateCapBytesPerSecond: Bytes.nullable(),
  runs: z.array(RunReport),
  /** Rate history of the newest run. */
  rates: z.array(RatePoint),
});
export type SessionDetail = z.infer<typeof SessionDetail>;

export const FailOverSessionInput = z.object({
  id: Id,
  /** planned: a last sync, nothing is lost; given where the role is source. unplanned: without the other core; given on the destination. */
  kind: z.enum(["planned", "unplanned"]).default("planned"),
  /** Planned: copy the other way at once. */
  reverse: z.boolean().default(false),
  /** Unplanned: again, on a session that has failed over to this core. */
  force: z.boolean().default(false),
  /** Unplanned, while a failover test goes on: what the test wrote becomes the newest point. */
  useTestCopy: z.boolean().default(false),
  /** Unplanned: go on from this point instead of the newest. */
  recoveryPointId: Id.optional(),
});
export type FailOverSessionInput = z.infer<typeof FailOverSessionInput>;

/** A test that nobody stops is taken back after so long. */
export const TEST_MINUTES_MAX = 30 * 24 * 60;

export const StartFailoverTestInput = z.object({
  id: Id,
  /** The newest when absent. */
  recoveryPointId: Id.optional(),
  /** Taken back by itself after so many minutes; absent: when somebody stops it. */
  minutes: z.coerce.number().int().min(1).max(TEST_MINUTES_MAX).optional(),
});
export type StartFailoverTestInput = z.infer<typeof StartFailoverTestInput>;

export const StopFailoverTestInput = z.object({
  id: Id,
  /** Keep what the test has made as a recovery point that is set aside. */
  keepRecoveryPoint: z.boolean().default(false),
  /** Also when the copy can not be removed just now; it is removed later. */
  force: z.boolean().default(false),
});
export type StopFailoverTestInput = z.infer<typeof StopFailoverTestInput>;

export const StoppedFailoverTest = z.object({ recoveryPointId: Id.nullable() });
export type StoppedFailoverTest = z.infer<typeof StoppedFailoverTest>;

export const ResolveDivergenceInput = z.object({
  id: Id,
  /** Whose points stay. Those of the other side since the common point are set aside, not destroyed. */
  keep: z.enum(["here", "there"]),
});
export type ResolveDivergenceInput = z.infer<typeof ResolveDivergenceInput>;

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

/** Other cores as a whole: `side` is what this core is in it, either when absent. Named by id, by number, or by host. */
export const SuspendPeersInput = z.object({
  side: z.enum(["source", "target"]).optional(),
  pairingIds: z.array(Id).max(100).optional(),
  numbers: z.array(z.number().int()).max(100).optional(),
  host: z.string().trim().min(1).max(300).optional(),
});
export type SuspendPeersInput = z.infer<typeof SuspendPeersInput>;

export const SuspendPeersOutput = z.object({ sessions: z.number().int() });
export type SuspendPeersOutput = z.infer<typeof SuspendPeersOutput>;
