import "server-only";
import { setTimeout as pause } from "node:timers/promises";
import { withTransaction } from "@/lib/db/transaction";
import type { EngineContext } from "@/lib/engine/context";
import { PROTOCOL_VERSION } from "@/lib/engine/core/protocol";
import { emitEvent } from "@/lib/engine/events/emit";
import { isMetadataNews, tellMetadata } from "@/lib/engine/metadata/tell";
import { fetchFromLeader } from "@/lib/engine/pull";
import { speakFirst } from "@/lib/engine/sessions/speak-first";
import { assertTransition, isAtRest, isOrdered } from "@/lib/engine/sessions/state";
import type { RunPlan } from "@/lib/engine/vault-replications/follow";
import { isRetryable, TwincoreError, toTwincoreError } from "@/lib/errors";
import type { TransferPreference } from "./choose-mode";
import { RunControl, Stopped } from "./control";
import { fetchPlan } from "./fetch-plan";
import { acquireRun, type LeasedRun } from "./lease";
import { noteNewest } from "./note-newest";
import type { JobStatus } from "./peer-schemas";
import type { Plan } from "./plan";
import { type PointRow, readPoints } from "./points";
import { replicatePoints } from "./replicate-points";
import { type Outcome, settle } from "./settle";
import type { ConnectTarget, TargetCore } from "./target-core";

/** A target that does not take our last word hears it with the next run. */
const LAST_WORD_MS = 5_000;

/** Refusals by which the other core says that the roles are not as we think. */
const ROLE_WORDS: ReadonlySet<string> = new Set(["failed-over", "wrong-side"]);

export interface RunReplicationInput {
  readonly sessionId: string;
  /** Who holds the lease: one name per worker process and attempt. */
  readonly owner: string;
  /** Aborted when the worker stops. */
  readonly signal: AbortSignal;
  readonly connect: ConnectTarget;
  /** For measurements and tests: which way images go. Default "auto". */
  readonly preference?: TransferPreference;
}

/**
 * Source: one attempt to bring the target of a session up to date. What went wrong is written to the run and its session, which
 * says when to try again; this throws only when it was interrupted or our own database is gone, so that the queue repeats it.
 */
export async function runReplication(ctx: EngineContext, input: RunReplicationInput): Promise<void> {
  const leased = await acquireRun(ctx, input.sessionId, input.owner, input.signal);
  if (!leased) return;
  const control = new RunControl(ctx, leased, input.signal);
  const { outcome, target } = await attempt(ctx, leased, control, input);
  try {
    await tellOutcome(leased, control, outcome);
  } finally {
    await control.end();
    target?.close();
  }
  await settle(ctx, leased, control.progress, outcome);
  // The other core does not know us any more: find out whether the pairing was ended there.
  if (outcome.kind === "failed" && outcome.error.code === "unauthenticated")
    await ctx.enqueue("poll-pairing", { pairingId: leased.session.pairingId }, { key: leased.session.pairingId });
  // The roles have changed there, and we have not heard of it.
  if (outcome.kind === "failed" && ROLE_WORDS.has(outcome.error.options.detail ?? ""))
    await ctx.enqueue("tell-session", { sessionId: input.sessionId }, { key: input.sessionId });
  if (outcome.kind === "interrupted") input.signal.throwIfAborted();
}

async function attempt(
  ctx: EngineContext,
  leased: LeasedRun,
  control: RunControl,
  { connect, preference = "auto" }: RunReplicationInput,
): Promise<{ outcome: Outcome; target: TargetCore | null }> {
  let target: TargetCore | null = null;
  try {
    target = await connect(leased.session.pairingId, {
      signal: control.signal,
      onBytes: (sent, received) => control.progress.wire(sent + received),
      throttle: control.throttle,
    });
    // Who is current may be news to one of the cores.
    await speakFirst(ctx, leased, target);
    const outcome =
      leased.session.role === "destination"
        ? await fetchFromLeader(ctx, leased, control, target)
        : await replicate(ctx, leased, control, target, preference);
    return { outcome, target };
  } catch (thrown) {
    const outcome = outcomeOf(thrown, control.signal);
    if ("error" in outcome)
      ctx.log.warn({ run: leased.run.id, code: outcome.error.code, err: thrown }, "a replication could not go on");
    return { outcome, target };
  }
}

/** Plan → verify → start → metadata → points → usage. */
async function replicate(
  ctx: EngineContext,
  leased: LeasedRun,
  control: RunControl,
  target: TargetCore,
  preference: TransferPreference,
): Promise<Outcome> {
  const { session, run } = leased;
  const { agentId } = session;
  const ours = await readPoints(ctx.db, { agentId });
  const plan = await fetchPlan(target, agentId, ours, session.newestPointId);
  if (plan.paused) return { kind: "paused", by: "target" };
  await noteNewest(ctx, leased, plan.newest);
  await hearOfDrives(ctx, target, session);
  await control.records.begin(recordPlan(ours, plan), () => target.replicatedAgents());
  if (plan.missing.length === 0) {
    if (await isMetadataNews(ctx, session)) await tellMetadata(ctx, target, session);
    if (plan.conflicting[0]) throw conflictOf(plan.conflicting[0]);
    return { kind: "succeeded", hadWork: false };
  }
  control.progress.plan(plan.missing.length, bytesOf(plan.missing));
  await beginWork(ctx, leased);
  await assertAble(target, agentId, control);
  control.progress.phase = "metadata";
  const jobId = await target.startJob({ agentId, masterJobId: run.id, protocolVersion: PROTOCOL_VERSION });
  control.mirrorTo(target, jobId);
  const part = { id: agentId, kind: "Metadata" as const, summary: `Metadata of ${session.agent.name}` };
  await control.parts.during(part, () => tellMetadata(ctx, target, session));
  await replicatePoints({ ctx, leased, control, target, jobId, preference, newest: plan.newest }, plan.missing);
  if (plan.conflicting[0]) throw conflictOf(plan.conflicting[0]);
  control.progress.phase = "finish";
  await tellUsage(ctx, target, session.pairingId);
  return { kind: "succeeded", hadWork: true };
}

const bytesOf = (points: readonly PointRow[]): number =>
  points.reduce((sum, { images }) => sum + images.reduce((bytes, { sizeBytes }) => bytes + sizeBytes, 0), 0);

/** For replication records: which of our points need no sending any more. */
function recordPlan(ours: readonly PointRow[], { missing, conflicting }: Plan<PointRow>): RunPlan {
  const absent = new Set([...missing, ...conflicting].map(({ id }) => id));
  const present = ours.filter(({ id }) => !absent.has(id)).map(({ id }) => id);
  return { present, conflicting: conflicting.map(({ id }) => id) };
}

const conflictOf = (point: PointRow): TwincoreError =>
  new TwincoreError(
    "conflict",
    `The target holds another recovery point under the id of ours of ${point.createdAt.toISOString()}. Neither was changed.`,
    { detail: point.id },
  );

async function beginWork(ctx: EngineContext, leased: LeasedRun): Promise<void> {
  await withTransaction(ctx.db, async (tx) => {
    const session = await tx.replicationSession.findUniqueOrThrow({ where: { id: leased.session.id } });
    // Paused here in this very moment: the next beat of the run sees it. What an order decided stays until it is done.
    if (isAtRest(session) || (isOrdered(session.state) && session.state !== "paused")) return;
    assertTransition(session.state, "synchronizing");
    await tx.replicationSession.update({ where: { id: session.id }, data: { state: "synchronizing", pausedBy: null } });
    await emitEvent(tx, "session", session.id);
  });
}

async function assertAble(target: TargetCore, agentId: string, control: RunControl): Promise<void> {
  const { checks, maxTransferSpeed } = await target.verifyAbility({ agentId });
  control.setTargetCap(maxTransferSpeed);
  const failed = checks.find(({ passed }) => !passed);
  if (!failed) return;
  if (failed.name === "state") throw new Stopped("paused", "target");
  const code = failed.name === "repository" ? "unavailable" : "storage_full";
  throw new TwincoreError(code, failed.message, { detail: failed.name });
}

/** Which seed drives arrived is news for people, not a condition of replication. */
async function hearOfDrives(ctx: EngineContext, target: TargetCore, session: LeasedRun["session"]): Promise<void> {
  try {
    const { hearConsumedDrives } = await import("@/lib/engine/seed-drives");
    await hearConsumedDrives(ctx, session, (input) => target.consumedSeedDrives(input));
  } catch (thrown) {
    ctx.log.warn({ pairing: session.pairingId, err: thrown }, "the target could not be asked about seed drives");
  }
}

/** Statements of account, not data: a target that does not take them now gets them with the next run. */
async function tellUsage(ctx: EngineContext, target: TargetCore, pairingId: string): Promise<void> {
  try {
    const { measureMasterUsage } = await import("@/lib/engine/usage");
    await target.updateStorageUsage(await measureMasterUsage(ctx, pairingId));
  } catch (thrown) {
    ctx.log.warn({ pairing: pairingId, err: thrown }, "the target could not be told about our storage");
  }
}

function outcomeOf(thrown: unknown, signal: AbortSignal): Outcome {
  const reason: unknown = signal.aborted ? signal.reason : thrown;
  if (reason instanceof Stopped)
    return reason.why === "paused" ? { kind: "paused", by: reason.by } : { kind: reason.why };
  if (signal.aborted && !(reason instanceof TwincoreError)) return { kind: "interrupted" };
  const error = toTwincoreError(reason);
  if (error.code === "conflict" && error.options.detail === "paused") return { kind: "paused", by: "target" };
  return isRetryable(error) ? { kind: "waiting", error } : { kind: "failed", error };
}

const STATUS: Record<Outcome["kind"], JobStatus> = {
  succeeded: "Succeeded",
  paused: "Waiting",
  waiting: "Waiting",
  failed: "Failed",
  cancelled: "Canceled",
  blocked: "Waiting",
  interrupted: "Waiting",
};

/** The last word about this attempt, if the target can hear it. */
async function tellOutcome({ session }: LeasedRun, control: RunControl, outcome: Outcome): Promise<void> {
  const { mirrored, signal, progress } = control;
  const unheard =
    outcome.kind === "interrupted" || (outcome.kind === "waiting" && outcome.error.code === "unavailable");
  if (!mirrored || signal.aborted || unheard) return;
  if (outcome.kind === "succeeded") progress.complete();
  const failureReason = "error" in outcome ? { message: outcome.error.message, detail: outcome.error.code } : null;
  const word = {
    agentId: session.agentId,
    id: mirrored.jobId,
    summary: "",
    status: STATUS[outcome.kind],
    failureReason,
    childJobs: control.parts.list(),
    progress: progress.report(),
  };
  // A lost answer must not leave a mirror that looks alive: said twice if need be, and never waited for long.
  const say = () => mirrored.target.updateStatus(word);
  await Promise.race([
    control
      .hush()
      .then(say)
      .catch(say)
      .catch(() => undefined),
    pause(LAST_WORD_MS),
  ]);
}
