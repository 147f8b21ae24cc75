import "server-only";
import type { EngineContext } from "@/lib/engine/context";
import { ThrottleSchedule } from "@/lib/engine/replication-settings/schemas";
import { throttleAt } from "@/lib/engine/replication-settings/throttle-at";
import { RecordFollower } from "@/lib/engine/vault-replications/follow";
import { TwincoreError } from "@/lib/errors";
import { type Orders, writeBeat } from "./beat";
import { LEASE_SECONDS, type LeasedRun } from "./lease";
import { Meter } from "./meter";
import type { PeerJob } from "./peer-schemas";
import { Progress } from "./progress";
import type { TargetCore } from "./target-core";
import { TokenBucket } from "./throttle";
import { ToldJobs } from "./told-jobs";

const TICK_MS = 1_000;
const RATE_ROW_MS = 5_000;

/** Why a run ends before it is done, when that is nobody's fault. */
export class Stopped extends Error {
  constructor(
    readonly why: "paused" | "cancelled" | "interrupted" | "blocked",
    readonly by: "source" | "target" = "source",
  ) {
    super(`the run was ${why}`);
  }
}

/** Roles have changed, or are about to: what this run would bring is not wanted any more. */
const NO_MORE: ReadonlySet<string> = new Set(["failed_over", "failing_over_for_dr", "deleting"]);
const isPausedState = (state: string): boolean => state === "paused" || state === "pausing";

/** The heartbeat of a run: writes its progress, keeps its lease, hears what people on either side want. */
export class RunControl {
  readonly progress: Progress;
  readonly meter = new Meter();
  /** The parts of the run that the target is told of. */
  readonly parts: ToldJobs;
  /** Replication records that people asked for, moved by what this run does. */
  readonly records: RecordFollower;
  private readonly bucket = new TokenBucket();
  /** Ends everything at once: the worker stops, or somebody else has the run. */
  readonly signal: AbortSignal;
  private readonly abort = new AbortController();
  private readonly timer: NodeJS.Timeout;
  private ownCap: bigint | null;
  private targetCap: number | null = null;
  private activeRuns = 1;
  private scheduled: { cap: number | null; runs: number };
  private stop: Stopped | null = null;
  private ticking: Promise<void> | null = null;
  private mirror: { target: TargetCore; jobId: string } | null = null;
  private mirroring: Promise<void> | null = null;
  private hushed = false;
  private tickedAt = performance.now();
  private ticked = { bytesDone: 0, wireBytes: 0 };
  private rated = { at: performance.now(), bytesDone: 0, wireBytes: 0 };
  private renewedAt = performance.now();

  constructor(
    private readonly ctx: EngineContext,
    private readonly leased: LeasedRun,
    workerSignal: AbortSignal,
  ) {
    this.progress = new Progress(countersOf(leased));
    this.progress.mode = leased.run.mode;
    this.parts = new ToldJobs(ctx.now);
    this.records = new RecordFollower(ctx, leased.session);
    this.ticked = { ...this.progress.counters };
    this.rated = { at: performance.now(), ...this.progress.counters };
    this.ownCap = leased.session.pairing.rateCapBytesPerSecond;
    const throttle = throttleAt(leased.throttle, ctx.now());
    this.scheduled = { cap: throttle.kind === "cap" ? throttle.bytesPerSecond : null, runs: leased.runsOfCore };
    this.setRate();
    this.signal = AbortSignal.any([workerSignal, this.abort.signal]);
    this.timer = setInterval(() => this.tick(), TICK_MS);
  }

  /** Throws Stopped when the run shall not go on. Called between steps, so that what is in flight arrives. */
  assertGoing(): void {
    this.signal.throwIfAborted();
    if (this.stop) throw this.stop;
  }

  /** Shall what is under way come to an end? */
  get stopping(): boolean {
    return this.stop !== null || this.signal.aborted;
  }

  /** From now on the target is told about the progress. */
  mirrorTo(target: TargetCore, jobId: string): void {
    this.mirror = { target, jobId };
  }

  get mirrored(): { target: TargetCore; jobId: string } | null {
    return this.mirror;
  }

  /** The rate cap that holds now; null: none. */
  get capBytesPerSecond(): number | null {
    return this.bucket.rate;
  }

  readonly throttle = (bytes: number): Promise<void> => this.meter.during("rate-cap", () => this.bucket.take(bytes));

  /** Writes the progress now: at the end of every point, so that a take-over begins there. */
  async flush(): Promise<void> {
    await this.ticking;
    await this.write();
  }

  /** No more words about progress; resolves when the last of them was answered, so that the word about the end is the last one. */
  async hush(): Promise<void> {
    this.hushed = true;
    await this.mirroring;
  }

  async end(): Promise<void> {
    clearInterval(this.timer);
    await this.ticking;
  }

  private tick(): void {
    if (this.ticking) return;
    this.ticking = this.beat()
      .catch((error: unknown) => this.missed(error))
      .finally(() => {
        this.ticking = null;
      });
    this.tellTarget();
  }

  /** A beat that failed may only mean that the database restarts; but without a lease the run is not ours any more. */
  private missed(error: unknown): void {
    if (this.signal.aborted) return;
    this.ctx.log.warn({ run: this.leased.run.id, err: error }, "the progress of a run could not be written");
    if (performance.now() - this.renewedAt > LEASE_SECONDS * 1000)
      this.abort.abort(new TwincoreError("unavailable", "The database did not answer for too long.", { cause: error }));
  }

  private async beat(): Promise<void> {
    const now = performance.now();
    this.progress.limitedBy = this.meter.look();
    this.progress.tick((now - this.tickedAt) / 1000, this.ticked.bytesDone);
    this.ticked = { ...this.progress.counters };
    this.tickedAt = now;
    await this.write();
    await this.records.progress(this.progress.imageBytesDone);
    await this.keepRate();
  }

  private async write(): Promise<void> {
    const orders = await writeBeat(this.ctx, this.leased, this.progress.report());
    if (!orders) {
      this.abort.abort(new Stopped("interrupted"));
      return;
    }
    this.renewedAt = performance.now();
    this.obey(orders);
  }

  private obey(orders: Orders): void {
    if (orders.cancelled) this.stop ??= new Stopped("cancelled");
    // What people on the target want is heard from the target itself; the row may still tell of an earlier pause there.
    else if (isPausedState(orders.sessionState) && orders.pausedBy === "source") this.stop ??= new Stopped("paused");
    else if (NO_MORE.has(orders.sessionState)) this.stop ??= new Stopped("cancelled");
    if (orders.sessionState === "ended" || orders.pairingState !== "established")
      this.abort.abort(new Stopped("cancelled"));
    this.ownCap = orders.rateCap;
    this.activeRuns = orders.activeRuns;
    this.follow(orders);
    this.setRate();
  }

  /** The schedule may have been changed, or its next window begun. */
  private follow({ throttle: kept, runsOfCore }: Orders): void {
    const schedule = ThrottleSchedule.safeParse(kept ?? {});
    const now = schedule.success ? throttleAt(schedule.data, this.ctx.now()) : null;
    if (now?.kind === "blocked") this.stop ??= new Stopped("blocked");
    this.scheduled = { cap: now?.kind === "cap" ? now.bytesPerSecond : null, runs: runsOfCore };
  }

  /** What the target said of its own cap; the lower of both counts. */
  setTargetCap(bytesPerSecond: number | null): void {
    this.targetCap = bytesPerSecond;
    this.setRate();
  }

  private setRate(): void {
    // A cap of the pairing is shared by its runs that go on at once; that of the schedule by those of the whole core.
    const caps = [this.ownCap, this.targetCap]
      .filter((cap) => cap !== null)
      .map((cap) => Number(cap) / Math.max(1, this.activeRuns));
    if (this.scheduled.cap !== null) caps.push(this.scheduled.cap / Math.max(1, this.scheduled.runs));
    this.bucket.setRate(caps.length > 0 ? Math.max(1, Math.min(...caps)) : null);
  }

  private async keepRate(): Promise<void> {
    const now = performance.now();
    const seconds = (now - this.rated.at) / 1000;
    if (seconds * 1000 < RATE_ROW_MS) return;
    const { bytesDone, wireBytes } = this.progress.counters;
    const perSecond = (bytes: number) => BigInt(Math.round(bytes / seconds));
    await this.ctx.db.prisma.runRate.createMany({
      data: [
        {
          runId: this.leased.run.id,
          at: this.ctx.now(),
          wireBytesPerSecond: perSecond(wireBytes - this.rated.wireBytes),
          bytesPerSecond: perSecond(bytesDone - this.rated.bytesDone),
        },
      ],
      skipDuplicates: true,
    });
    this.rated = { at: now, bytesDone, wireBytes };
  }

  /** Not awaited: a slow target must not hold up our own lease. */
  private tellTarget(): void {
    if (!this.mirror || this.mirroring || this.hushed || this.signal.aborted) return;
    const { target, jobId } = this.mirror;
    const job: PeerJob = {
      id: jobId,
      summary: "",
      status: "Running",
      failureReason: null,
      childJobs: this.parts.list(),
      progress: this.progress.report(),
    };
    this.mirroring = target
      .syncJob({ agentId: this.leased.session.agentId, jobId, job })
      .then(({ requested, maxTransferSpeed }) => {
        this.setTargetCap(maxTransferSpeed);
        if (requested === "Cancel") this.stop ??= new Stopped("cancelled", "target");
        if (requested === "Pause") this.stop ??= new Stopped("paused", "target");
      })
      // What keeps it from answering will be met by the transfers too.
      .catch(() => undefined)
      .finally(() => {
        this.mirroring = null;
      });
  }
}

function countersOf({ run }: LeasedRun) {
  return {
    pointsTotal: run.pointsTotal,
    pointsDone: run.pointsDone,
    bytesTotal: Number(run.bytesTotal),
    bytesDone: Number(run.bytesDone),
    wireBytes: Number(run.wireBytes),
    savedBytes: Number(run.savedBytes),
    recordsNew: Number(run.recordsNew),
    recordsKnown: Number(run.recordsKnown),
  };
}
