import "server-only";
import type { EngineContext } from "@/lib/engine/context";
import { PACK_BYTES_MAX } from "@/lib/engine/packs/writer";
import type { PeerCall } from "@/lib/engine/pairing/caller";
import { assertFollows } from "@/lib/engine/pull/lead";
import { noteArrived } from "@/lib/engine/quotas";
import { receiveFrames } from "@/lib/engine/records/receive";
import { KEYS_PER_BATCH, type TransferInput } from "@/lib/engine/replication/peer-schemas";
import { countTransferred } from "@/lib/engine/usage/count-transferred";
import { TwincoreError } from "@/lib/errors";
import { offeredDigests } from "./batches";
import { assertOpen, domainOf, requireImageSession } from "./find";
import { reserveRoom } from "./room";

/**
 * Takes records of one batch of offered keys. When it resolves they are durable and indexed; when it throws, those that came
 * whole are. Throws `storage_full` before anything is read when there is no room for the announced size, `invalid_input` for
 * a record that was not offered, `integrity` for damaged or cut off ones, `too_large`, `conflict`.
 */
export async function receiveRecords(
  ctx: EngineContext,
  input: TransferInput,
  call: Pick<PeerCall, "body">,
): Promise<void> {
  const { row } = await requireImageSession(ctx, input);
  assertOpen(row);
  await assertFollows(ctx.db.prisma, row);
  if ((input.size ?? 0) > PACK_BYTES_MAX)
    throw new TwincoreError("too_large", `At most ${PACK_BYTES_MAX} bytes of records may come at once.`);
  const offered = await offeredDigests(ctx.db, row.id, input.start);
  const domain = await domainOf(ctx, row.agentId);
  const release = await reserveRoom(ctx, domain, row.agentId, input.size ?? 1);
  try {
    const limits = { bytesMax: input.size ?? PACK_BYTES_MAX, recordsMax: KEYS_PER_BATCH };
    const allow = (digest: Buffer) => offered.has(digest.toString("latin1"));
    const received = await receiveFrames(ctx, domain, call.body, allow, limits);
    await ctx.db.prisma.imageSession.update({
      where: { id: row.id },
      data: { receivedBytes: { increment: received.bytes } },
    });
    await countTransferred(ctx.db.prisma, row.agentId, received.bytes);
    await noteArrived(ctx, { agentId: row.agentId, tenantId: domain.tenantId }, row.recoveryPointId, received.bytes);
  } finally {
    await release();
  }
}
