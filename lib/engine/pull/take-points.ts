import "server-only";
import type { Tx } from "@/lib/db/client";
import type { EngineContext } from "@/lib/engine/context";
import { reservePoint } from "@/lib/engine/quotas";
import { commitInto } from "@/lib/engine/recovery-points/commit";
import type { RunControl } from "@/lib/engine/replication/control";
import type { LeasedRun } from "@/lib/engine/replication/lease";
import type { TargetCore } from "@/lib/engine/replication/target-core";
import { Pace } from "@/lib/engine/replication/transfers";
import { type Domain, ensureDomain } from "@/lib/engine/repositories/open";
import { conflict, type ErrorCode, isRetryable, TwincoreError } from "@/lib/errors";
import type { TheirPoint } from "./fetch-plan";
import { fetchRecords } from "./fetch-records";
import { noteFetched } from "./note-fetched";
import type { LeadingImage, LeadingPoint } from "./peer-schemas";
import { takeManifest } from "./take-manifest";

/** A point that cannot be fetched must not keep newer ones back; many of them mean that something larger is wrong. */
const FAILED_POINTS_MAX = 5;
/** An image whose commit finds records missing is looked through once more: only those are fetched. */
const POINT_ATTEMPTS = 2;

export interface PullWork {
  readonly ctx: EngineContext;
  readonly leased: LeasedRun;
  readonly control: RunControl;
  readonly target: TargetCore;
  readonly jobId: string;
}

export interface Fetcher extends PullWork {
  readonly domain: Domain;
  readonly pace: Pace;
}

/** Fetches the points in order. Throws the first failure of a point after trying the others. */
export async function takePoints(work: PullWork, missing: readonly TheirPoint[]): Promise<void> {
  const domain = await ensureDomain(work.ctx, work.leased.session.agent);
  const fetcher: Fetcher = { ...work, domain, pace: new Pace() };
  const failures: TwincoreError[] = [];
  for (const point of missing) {
    const failure = await tryPoint(fetcher, point);
    if (failure) failures.push(failure);
    if (failures.length >= FAILED_POINTS_MAX) throw failures[0];
  }
  if (failures[0]) throw failures[0];
}

/** Gives what is wrong with this point alone; throws what stops the whole run. */
async function tryPoint(work: Fetcher, point: TheirPoint): Promise<TwincoreError | null> {
  const { control, leased, ctx } = work;
  const summary = `Recovery point of ${point.createdAt.toISOString().slice(0, 19).replace("T", " ")} UTC`;
  try {
    await control.parts.during({ id: point.id, kind: "Transfer", summary }, () => takePoint(work, point));
    return null;
  } catch (thrown) {
    control.signal.throwIfAborted();
    if (await isGone(work, point, thrown)) return null;
    const alone = thrown instanceof TwincoreError && ALONE.has(thrown.code);
    if (!alone || isRetryable(thrown) || SESSION_WORDS.has(thrown.options.detail ?? "")) throw thrown;
    ctx.log.error({ run: leased.run.id, point: point.id, err: thrown }, "a recovery point could not be fetched");
    const message = `The recovery point of ${point.createdAt.toISOString()} could not be fetched: ${thrown.message}`;
    control.parts.failed(point.id, thrown.message, thrown.code);
    return new TwincoreError(thrown.code, message, { cause: thrown, detail: point.id });
  }
}

/** What is wrong with one point says nothing about the next one. */
const ALONE: ReadonlySet<ErrorCode> = new Set(["integrity", "invalid_input", "conflict", "not_found"]);

/** Was it deleted there while it was fetched? The next metadata tells of it. A file that is lost there is no such thing. */
async function isGone({ target, leased }: Fetcher, { id }: TheirPoint, thrown: unknown): Promise<boolean> {
  if (!(thrown instanceof TwincoreError) || thrown.code !== "not_found") return false;
  try {
    await target.describeLeadingPoint({ agentId: leased.session.agentId, recoveryPointId: id });
    return false;
  } catch (again) {
    if (again instanceof TwincoreError && again.code === "not_found") return true;
    throw again;
  }
}

/** Conflicts of the whole session: the roles have changed meanwhile, or people have paused it. */
const SESSION_WORDS: ReadonlySet<string> = new Set(["wrong-side", "failed-over", "paused"]);

async function takePoint(work: Fetcher, point: TheirPoint): Promise<void> {
  const { ctx, target, control, leased } = work;
  const declared = await target.describeLeadingPoint({
    agentId: leased.session.agentId,
    recoveryPointId: point.id,
  });
  assertDeclared(declared, point);
  const { epochNumber: sequence } = declared;
  const whose = { agentId: leased.session.agentId, tenantId: work.domain.tenantId };
  await reservePoint(ctx, whose, { id: point.id, sequence, logicalBytes: declared.point.logicalBytes });
  let storedBytes = 0;
  for (let attempt = 1; ; attempt++) {
    try {
      for (const image of declared.point.images) {
        control.progress.beginImage();
        storedBytes += await takeImage(work, image, point.id);
        if (attempt === 1) control.progress.endImage(image.size);
      }
      control.progress.phase = "commit";
      await commit(work, declared, storedBytes);
      break;
    } catch (thrown) {
      const again = thrown instanceof TwincoreError && thrown.code === "integrity" && attempt < POINT_ATTEMPTS;
      if (!again) throw thrown;
    }
  }
  control.progress.endPoint();
  await noteFetched(ctx, leased, point);
  await target.acknowledgePull({ agentId: leased.session.agentId, recoveryPointId: point.id });
  await control.flush();
}

/** What was listed is what is declared; who changes between two answers is not believed. */
function assertDeclared({ recoveryPointId, point }: LeadingPoint, planned: TheirPoint): void {
  const listed = new Map(planned.images.map(({ id, manifestDigest }) => [id, manifestDigest]));
  const same =
    point.images.length === listed.size && point.images.every(({ id, headerHash }) => listed.get(id) === headerHash);
  if (recoveryPointId !== planned.id || !same)
    throw conflict("The other core declares this recovery point otherwise than it lists it.");
}

async function takeImage(work: Fetcher, image: LeadingImage, recoveryPointId: string): Promise<number> {
  const manifest = await takeManifest(work, image);
  return fetchRecords(work, { image, recoveryPointId }, manifest);
}

async function commit({ ctx, domain, leased }: Fetcher, declared: LeadingPoint, storedBytes: number): Promise<void> {
  const { session } = leased;
  const { point, recoveryPointId } = declared;
  await assertVolumes(ctx, session.agentId, point.images);
  await commitInto(ctx, domain, {
    id: recoveryPointId,
    agentId: session.agentId,
    repositoryId: domain.repositoryId,
    tenantId: domain.tenantId,
    sequence: declared.epochNumber,
    createdAt: new Date(declared.utcCreatedTimestamp),
    images: point.images.map((image) => ({
      id: image.id,
      volumeId: image.volumeId,
      volumeName: image.volumeDisplayName,
      volumeKind: image.volumeKind,
      sizeBytes: image.size,
      entryCount: image.entryCount,
      recordCount: image.recordCount,
      manifestDigest: Buffer.from(image.headerHash, "hex"),
    })),
    logicalBytes: point.logicalBytes,
    storedBytes,
    label: point.label,
    locked: point.locked,
    skippedCount: point.skippedCount,
    skipped: point.skipped,
    origin: declared.origin,
    snapshotRuleId: declared.snapshotRuleId ?? undefined,
    // Kept for the time when this core is current again; until then its retention leaves the agent alone.
    expiresAt: declared.expiresAt === null ? null : new Date(declared.expiresAt),
    alongside: (tx) => assertStillFetches(tx, session.id),
  });
}

async function assertVolumes(ctx: EngineContext, agentId: string, images: readonly LeadingImage[]): Promise<void> {
  const ids = new Set(images.map(({ volumeId }) => volumeId));
  const known = await ctx.db.prisma.volume.count({ where: { agentId, id: { in: [...ids] } } });
  if (known !== ids.size || ids.size !== images.length)
    throw conflict("The recovery point has images of volumes that the other core has not told us of.");
}

/** A failover to this core that came first leaves the history of the agent to it. */
async function assertStillFetches(tx: Tx, sessionId: string): Promise<void> {
  const [row] = await tx.$queryRaw<{ role: string; state: string }[]>`
    select role::text as role, state::text as state from replication_session where id = ${sessionId}::uuid for share`;
  if (row?.role !== "destination" || row.state === "ended")
    throw new TwincoreError("conflict", "The roles have changed meanwhile; nothing more is fetched.", {
      detail: "wrong-side",
    });
}
