import "server-only";
import type { EngineContext } from "@/lib/engine/context";
import { assertQuota, checkQuota, noteRefusal, remainingStored, reserveStored } from "@/lib/engine/quotas";
import type { Domain } from "@/lib/engine/repositories/open";
import { TwincoreError } from "@/lib/errors";

/** Never filled: the database, logs and manifests of this core may lie on the same disk. */
const RESERVE_BYTES = 256 * 1024 * 1024;

export interface RoomCheck {
  readonly quota: string | null;
  readonly space: string | null;
}

/** What speaks against storing so many more bytes for this agent; null where nothing does. With nothing more to come in, a full quota is no obstacle. */
export async function checkRoom(
  ctx: EngineContext,
  domain: Domain,
  agentId: string,
  bytes: number,
): Promise<RoomCheck> {
  const asked = { agentId, tenantId: domain.tenantId, addStored: bytes };
  const refusal = await checkQuota(ctx, asked);
  // Who asks is about to send.
  if (refusal) await noteRefusal(ctx, asked, refusal);
  return { quota: refusal?.message ?? null, space: await checkSpace(domain, bytes) };
}

/** Bytes that may still be stored for this agent: what quotas and the disk, less its reserve, leave. */
export async function remainingBytes(ctx: EngineContext, domain: Domain, agentId: string): Promise<number> {
  const space = (await domain.storage.space()).freeBytes - RESERVE_BYTES;
  const quota = await remainingStored(ctx, { agentId, tenantId: domain.tenantId });
  return Math.max(0, Math.min(space, quota ?? Number.POSITIVE_INFINITY));
}

/** Bytes that are being received in this process, by repository: they are not on the disk yet, and must fit all the same. */
const arriving = new Map<string, number>();

/** As assertRoom, and keeps the room until the returned function is called: on the disk in this process, of quotas in all. */
export async function reserveRoom(
  ctx: EngineContext,
  domain: Domain,
  agentId: string,
  bytes: number,
): Promise<() => Promise<void>> {
  const { repositoryId } = domain;
  const change = (by: number) => {
    const sum = (arriving.get(repositoryId) ?? 0) + by;
    if (sum > 0) arriving.set(repositoryId, sum);
    else arriving.delete(repositoryId);
  };
  change(bytes);
  try {
    await assertSpace(domain, arriving.get(repositoryId) ?? bytes);
    const release = await reserveStored(ctx, { agentId, tenantId: domain.tenantId }, bytes);
    return async () => {
      change(-bytes);
      await release();
    };
  } catch (error) {
    change(-bytes);
    throw error;
  }
}

/** Throws `storage_full`, with `detail` "quota" or "space". Called before data is taken, so nothing is half done. */
export async function assertRoom(ctx: EngineContext, domain: Domain, agentId: string, bytes: number): Promise<void> {
  await assertQuota(ctx, { agentId, tenantId: domain.tenantId, addStored: bytes });
  await assertSpace(domain, bytes);
}

async function assertSpace(domain: Domain, bytes: number): Promise<void> {
  const space = await checkSpace(domain, bytes);
  if (space) throw new TwincoreError("storage_full", space, { detail: "space" });
}

async function checkSpace(domain: Domain, bytes: number): Promise<string | null> {
  const { freeBytes } = await domain.storage.space();
  if (freeBytes - bytes >= RESERVE_BYTES) return null;
  return "The disk of the target's repository is full. Free space on it; replication goes on by itself.";
}
