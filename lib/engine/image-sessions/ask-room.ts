import "server-only";
import type { EngineContext } from "@/lib/engine/context";
import { isLimited } from "@/lib/engine/quotas";
import type { AskRoomInput, RoomAnswer } from "@/lib/engine/replication/peer-schemas";
import { assertOpen, domainOf, requireImageSession } from "./find";
import { assertRoom } from "./room";

/**
 * Would so many bytes of records fit? A source that knows what is missing asks before it sends the first of them. Nothing is promised by
 * the answer: each transfer asks for its own room. Throws `storage_full` with detail "quota" or "space", `conflict` when the session has ended.
 */
export async function askForRoom(ctx: EngineContext, input: AskRoomInput): Promise<RoomAnswer> {
  const { row } = await requireImageSession(ctx, input);
  assertOpen(row);
  const domain = await domainOf(ctx, row.agentId);
  await assertRoom(ctx, domain, row.agentId, input.bytes);
  return { isLimited: await isLimited(ctx, { agentId: row.agentId, tenantId: domain.tenantId }) };
}
