import "server-only";
import { randomUUID } from "node:crypto";
import { withTransaction } from "@/lib/db/transaction";
import type { EngineContext } from "@/lib/engine/context";
import { type CheckQuotaInput, type ComingPoint, checkAgainst, type Refusal } from "./check";
import { hardQuotas } from "./find";
import { letIn, refuse } from "./refuse";
import type { QuotaMeter } from "./schemas";

/** A transfer has at most 64 MiB. Slower than 37 KB/s, its promise lapses before it ends, and it is counted as it ends. */
const TRANSFER_MS = 30 * 60_000;
/** What came for a point that is still to be is counted for so long after the last of it, as long as its image sessions are kept. */
const POINT_MS = 24 * 3_600_000;
/** Tells this kind of advisory lock from others. */
const LOCK_KIND = 7130;

export interface Whose {
  readonly agentId: string;
  readonly tenantId: string;
}

/** Throws `storage_full` with detail "quota" when it would not fit. Nothing is promised by that. Without quotas one question by an index. */
export async function assertQuota(ctx: EngineContext, input: CheckQuotaInput): Promise<void> {
  const quotas = await hardQuotas(ctx.db.prisma, [input.agentId, input.tenantId]);
  if (quotas.length === 0) return;
  const refusal = await checkAgainst(ctx.db.prisma, ctx.now(), input, quotas);
  if (refusal) await refuse(ctx, input, refusal);
}

/**
 * Promises room for so many stored bytes, until the returned function is called. Two at once, in whatever processes, never get more
 * than there is: the promise is a row, and promises of one tenant are given one after the other. Throws as assertQuota.
 */
export async function reserveStored(ctx: EngineContext, whose: Whose, bytes: number): Promise<() => Promise<void>> {
  const id = randomUUID();
  const kept = await promise(ctx, { ...whose, addStored: bytes }, "stored", {
    id,
    bytes,
    expiresAt: new Date(ctx.now().getTime() + TRANSFER_MS),
  });
  if (!kept) return async () => undefined;
  await letIn(ctx, whose.agentId);
  return async () => {
    await ctx.db.prisma.arrivingBytes.deleteMany({ where: { id } });
  };
}

/**
 * Promises room for the logical bytes of a point that begins to come. It lasts until the point is committed, or nothing of it has come
 * for a day. May be repeated. Throws as assertQuota.
 */
export async function reservePoint(ctx: EngineContext, whose: Whose, point: ComingPoint): Promise<void> {
  const expiresAt = new Date(ctx.now().getTime() + POINT_MS);
  await promise(ctx, { ...whose, addStored: 0, point }, "protected", {
    id: point.id,
    bytes: 0,
    protectedBytes: point.logicalBytes,
    expiresAt,
  });
}

/** So many bytes of a point that is still to be are durable. */
export async function noteArrived(ctx: EngineContext, whose: Whose, id: string, bytes: number): Promise<void> {
  if (bytes <= 0) return;
  const expiresAt = new Date(ctx.now().getTime() + POINT_MS);
  await ctx.db.prisma.$executeRaw`
    insert into arriving_bytes (id, agent_id, tenant_id, stored_bytes, expires_at)
    select ${id}::uuid, ${whose.agentId}::uuid, ${whose.tenantId}::uuid, ${BigInt(bytes)}, ${expiresAt}
    where not exists (select 1 from recovery_point where id = ${id}::uuid and lost_at is null and missing_volumes = '{}')
    on conflict (id) do update set
      stored_bytes = arriving_bytes.stored_bytes + excluded.stored_bytes, expires_at = excluded.expires_at`;
}

/** They are a point's now, or nobody's. */
export async function forgetArrived(ctx: EngineContext, id: string): Promise<void> {
  await ctx.db.prisma.arrivingBytes.deleteMany({ where: { id } });
}

interface Promised {
  readonly id: string;
  readonly bytes: number;
  readonly protectedBytes?: number;
  readonly expiresAt: Date;
}

/** Whether there was a quota that it concerns, so that it was written. Throws as assertQuota. */
async function promise(
  ctx: EngineContext,
  input: CheckQuotaInput,
  meter: QuotaMeter,
  promised: Promised,
): Promise<boolean> {
  const answer = await tryPromise(ctx, input, meter, promised);
  if (answer.refusal) await refuse(ctx, input, answer.refusal);
  return answer.isBound;
}

async function tryPromise(
  ctx: EngineContext,
  input: CheckQuotaInput,
  meter: QuotaMeter,
  promised: Promised,
): Promise<{ isBound: boolean; refusal: Refusal | null }> {
  const found = await hardQuotas(ctx.db.prisma, [input.agentId, input.tenantId]);
  const quotas = found.filter((quota) => quota.meter === meter);
  if (quotas.length === 0) return { isBound: false, refusal: null };
  const { id, bytes, protectedBytes = null, expiresAt } = promised;
  const refusal = await withTransaction(ctx.db, async (tx) => {
    await tx.$executeRaw`select pg_advisory_xact_lock(${LOCK_KIND}::int, hashtext(${input.tenantId}))`;
    const over = await checkAgainst(tx, ctx.now(), input, quotas);
    if (over) return over;
    await tx.$executeRaw`
      insert into arriving_bytes (id, agent_id, tenant_id, stored_bytes, protected_bytes, expires_at)
      values (${id}::uuid, ${input.agentId}::uuid, ${input.tenantId}::uuid, ${BigInt(bytes)}, ${protectedBytes}::bigint, ${expiresAt})
      on conflict (id) do update set
        stored_bytes = arriving_bytes.stored_bytes + excluded.stored_bytes, expires_at = excluded.expires_at,
        protected_bytes = coalesce(excluded.protected_bytes, arriving_bytes.protected_bytes)`;
    return null;
  });
  return { isBound: true, refusal };
}

/** Bytes that a capture asks room for at once; near the limit it asks for as many as it needs. */
const STRIDE_BYTES = 16 * 1024 * 1024;

/** The room of one capture: promised in strides before its records are written, so that nobody else counts on it. */
export class CaptureRoom {
  private promised = 0;
  private taken = 0;

  constructor(
    private readonly ctx: EngineContext,
    private readonly whose: Whose,
    private readonly recoveryPointId: string,
  ) {}

  /** Before so many bytes are stored. Throws as assertQuota. One call at a time. */
  async take(bytes: number): Promise<void> {
    this.taken += bytes;
    const needed = this.taken - this.promised;
    if (needed <= 0) return;
    const stride = Math.max(needed, STRIDE_BYTES);
    const refused = await this.ask(stride);
    if (refused && (stride === needed || (await this.ask(needed))))
      await refuse(this.ctx, { ...this.whose, addStored: needed }, refused);
  }

  /** It came to nothing: its room is free again. */
  release(): Promise<void> {
    return forgetArrived(this.ctx, this.recoveryPointId);
  }

  private async ask(bytes: number): Promise<Refusal | null> {
    const { refusal } = await tryPromise(this.ctx, { ...this.whose, addStored: bytes }, "stored", {
      id: this.recoveryPointId,
      bytes,
      expiresAt: new Date(this.ctx.now().getTime() + POINT_MS),
    });
    if (!refusal) this.promised += bytes;
    return refusal;
  }
}
