import "server-only";
import type { EngineContext } from "@/lib/engine/context";
import type { Domain } from "@/lib/engine/repositories/open";
import { TwincoreError } from "@/lib/errors";

/** Never filled: the database, logs and manifests of this core may lie on the same disk. */
const RESERVE_BYTES = 256 * 1024 * 1024;

export interface RoomCheck {
  readonly quota: string | null;
  readonly space: string | null;
}

/** What speaks against storing so many more bytes for this agent; null where nothing does. */
export async function checkRoom(
  ctx: EngineContext,
  domain: Domain,
  agentId: string,
  bytes: number,
): Promise<RoomCheck> {
  const agent = await ctx.db.prisma.agent.findUniqueOrThrow({ where: { id: agentId }, select: { quotaBytes: true } });
  const { freeBytes } = await domain.storage.space();
  const space =
    freeBytes - bytes < RESERVE_BYTES
      ? "The disk of the target's repository is full. Free space on it; replication goes on by itself."
      : null;
  if (agent.quotaBytes === null) return { quota: null, space };
  const used = await usedBytes(ctx, agentId);
  // With nothing more to come in, a full quota is no obstacle.
  const quota =
    bytes > 0 && used + BigInt(bytes) > agent.quotaBytes
      ? `The quota of this agent on the target (${agent.quotaBytes} bytes) is used up. Ask the target's administrator for more.`
      : null;
  return { quota, space };
}

/** Bytes that may still be stored for this agent: what its quota and the disk, less its reserve, both leave. */
export async function remainingBytes(ctx: EngineContext, domain: Domain, agentId: string): Promise<number> {
  const agent = await ctx.db.prisma.agent.findUniqueOrThrow({ where: { id: agentId }, select: { quotaBytes: true } });
  const space = (await domain.storage.space()).freeBytes - RESERVE_BYTES;
  const quota =
    agent.quotaBytes === null ? Number.POSITIVE_INFINITY : Number(agent.quotaBytes - (await usedBytes(ctx, agentId)));
  return Math.max(0, Math.min(space, quota));
}

/** Bytes that are being received in this process, by agent: they are not stored yet, and must fit all the same. */
const arriving = new Map<string, number>();

/** As assertRoom, and keeps the room until the returned function is called. */
export async function reserveRoom(
  ctx: EngineContext,
  domain: Domain,
  agentId: string,
  bytes: number,
): Promise<() => void> {
  const change = (by: number) => {
    const sum = (arriving.get(agentId) ?? 0) + by;
    if (sum > 0) arriving.set(agentId, sum);
    else arriving.delete(agentId);
  };
  change(bytes);
  try {
    await assertRoom(ctx, domain, agentId, arriving.get(agentId) ?? bytes);
  } catch (error) {
    change(-bytes);
    throw error;
  }
  return () => change(-bytes);
}

/** Throws `storage_full`, with `detail` "quota" or "space". Called before data is taken, so nothing is half done. */
export async function assertRoom(ctx: EngineContext, domain: Domain, agentId: string, bytes: number): Promise<void> {
  const { quota, space } = await checkRoom(ctx, domain, agentId, bytes);
  if (quota) throw new TwincoreError("storage_full", quota, { detail: "quota" });
  if (space) throw new TwincoreError("storage_full", space, { detail: "space" });
}

/** New stored bytes of the agent's recovery points, and of those that are on their way. */
async function usedBytes(ctx: EngineContext, agentId: string): Promise<bigint> {
  const [row] = await ctx.db.prisma.$queryRaw<{ used: bigint }[]>`
    select (
      coalesce((select sum(stored_bytes) from recovery_point where agent_id = ${agentId}::uuid), 0) +
      coalesce((
        select sum(received_bytes) from image_session s where agent_id = ${agentId}::uuid
        and not exists (select 1 from recovery_point p where p.id = s.recovery_point_id)
      ), 0)
    )::bigint as used`;
  return row?.used ?? 0n;
}
