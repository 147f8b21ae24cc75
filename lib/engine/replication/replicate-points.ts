import "server-only";
import { reportDamage } from "@/lib/engine/alerts/report-damage";
import type { EngineContext } from "@/lib/engine/context";
import { ensureDomain } from "@/lib/engine/repositories/open";
import { isRetryable, notFound, TwincoreError } from "@/lib/errors";
import type { TransferPreference } from "./choose-mode";
import type { RunControl } from "./control";
import { declarePoint } from "./declare-point";
import type { LeasedRun } from "./lease";
import { noteNewest } from "./note-newest";
import { type PointRow, readPoints } from "./points";
import { sendImage } from "./send-image";
import type { BaseImage, ImageSender } from "./send-records";
import type { TargetCore } from "./target-core";
import { Pace } from "./transfers";

/** A point that cannot be read must not keep newer ones back; many of them mean that something larger is wrong. */
const FAILED_POINTS_MAX = 5;
/** An image whose commit finds records missing is offered once more: only those are sent. */
const IMAGE_ATTEMPTS = 2;

interface Work {
  readonly ctx: EngineContext;
  readonly leased: LeasedRun;
  readonly control: RunControl;
  readonly target: TargetCore;
  readonly jobId: string;
  readonly preference: TransferPreference;
  /** The newest point that both cores hold: its images are what the next ones may be changes of. */
  newest: PointRow | null;
}

/** Sends the points in order, and those that are captured meanwhile. Throws the first failure of a point after trying the others. */
export async function replicatePoints(work: Work, missing: readonly PointRow[]): Promise<void> {
  const { ctx, leased, control, target } = work;
  const sender: ImageSender = {
    ctx,
    domain: await ensureDomain(ctx, leased.session.agent),
    target,
    control,
    pace: new Pace(),
    preference: work.preference,
  };
  const failures: TwincoreError[] = [];
  let points = missing;
  while (points.length > 0) {
    for (const point of points) {
      const failure = await tryPoint(work, sender, point);
      if (failure) failures.push(failure);
      if (failures.length >= FAILED_POINTS_MAX) throw failures[0];
    }
    points = await capturedAfter(ctx, points);
    control.progress.extend(points.length, bytesOf(points));
  }
  if (failures[0]) throw failures[0];
}

async function capturedAfter(ctx: EngineContext, points: readonly PointRow[]): Promise<PointRow[]> {
  const last = points.at(-1);
  return last ? readPoints(ctx.db, { agentId: last.agentId, fromSequence: last.sequence + 1 }) : [];
}

const bytesOf = (points: readonly PointRow[]): number =>
  points.reduce((sum, { images }) => sum + images.reduce((bytes, { sizeBytes }) => bytes + sizeBytes, 0), 0);

/** Gives what is wrong with this point alone; throws what stops the whole run. */
async function tryPoint(work: Work, sender: ImageSender, point: PointRow): Promise<TwincoreError | null> {
  const { control, target, jobId } = work;
  const summary = `Recovery point of ${point.createdAt.toISOString().slice(0, 19).replace("T", " ")} UTC`;
  try {
    // For people on the target only: nobody waits for it, and the words about the run tell of it too.
    target.startTransferJob({ agentId: point.agentId, jobId, masterJobId: point.id }).catch(() => undefined);
    await control.parts.during({ id: point.id, kind: "Transfer", summary }, () => sendPoint(work, sender, point));
    return null;
  } catch (thrown) {
    // Deleted here while it was sent: the target is told so by the next metadata update.
    if (!work.control.signal.aborted && (await isGone(work.ctx, point))) return null;
    const alone = thrown instanceof TwincoreError && ["integrity", "invalid_input", "conflict"].includes(thrown.code);
    if (!alone || isRetryable(thrown)) throw thrown;
    work.ctx.log.error(
      { run: work.leased.run.id, point: point.id, err: thrown },
      "a recovery point could not be replicated",
    );
    if (thrown.code === "integrity")
      await reportDamage(work.ctx, { recoveryPointId: point.id, by: "Replication", message: thrown.message });
    const message = `The recovery point of ${point.createdAt.toISOString()} could not be replicated: ${thrown.message}`;
    control.parts.failed(point.id, thrown.message, thrown.code);
    await control.records.failPoint(point.id, thrown);
    return new TwincoreError(thrown.code, message, { cause: thrown, detail: point.id });
  }
}

async function isGone(ctx: EngineContext, { id }: PointRow): Promise<boolean> {
  return (await ctx.db.prisma.recoveryPoint.count({ where: { id } })) === 0;
}

async function sendPoint(work: Work, sender: ImageSender, point: PointRow): Promise<void> {
  const declared = await declarePoint(work.ctx, point.agentId, point.id);
  if (!declared) throw notFound("recovery point");
  const declaration = { agentId: point.agentId, jobId: work.jobId, ...declared.declaration };
  for (const image of point.images) {
    await work.control.records.beginImage(image);
    for (let attempt = 1; ; attempt++) {
      try {
        await sendImage(
          sender,
          { ...declaration, volumeImageId: image.id },
          baseOf(work, image, declaration.point.images),
        );
        break;
      } catch (thrown) {
        const again = thrown instanceof TwincoreError && thrown.code === "integrity" && attempt < IMAGE_ATTEMPTS;
        if (!again) throw thrown;
      }
    }
    work.control.progress.endImage(image.sizeBytes);
  }
  work.newest = point;
  work.control.progress.endPoint();
  await noteNewest(work.ctx, work.leased, point);
  await work.control.records.endPoint(point.id);
  await work.control.flush();
}

/** The image of the same disk in the newest point that the target holds. */
function baseOf(
  { newest }: Work,
  image: PointRow["images"][number],
  declared: readonly { id: string; volumeKind: string }[],
): BaseImage | null {
  if (declared.find(({ id }) => id === image.id)?.volumeKind !== "image") return null;
  return newest?.images.find(({ volumeId }) => volumeId === image.volumeId) ?? null;
}
