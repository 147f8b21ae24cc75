import "server-only";
import { withTransaction } from "@/lib/db/transaction";
import type { EngineContext } from "@/lib/engine/context";
import { emitEvents } from "@/lib/engine/events/emit";
import { toTwincoreError } from "@/lib/errors";
import { loadCredentials } from "../credentials";
import { gatewayOf, lockPairing } from "../internal";
import { AGENTS_PER_PAIRING_MAX } from "./peer-schemas";

/** A run that was asked to stop lets go within its lease. */
const LOOK_AGAIN_SECONDS = 5;

interface News {
  readonly wishes: { agentId: string; name: string; hostName: string; sizeBytes: bigint }[];
  readonly leaving: string[];
}

/**
 * Source: tells a target which agents policies ask it to take, and which of them none replicates to it any more. Nothing here changes
 * before the target has heard it, so that a lost answer costs a repetition. Answers why the target refused; empty when it did not.
 * Throws `unavailable` when it cannot be reached.
 */
export async function tellPolicies(ctx: EngineContext, pairingId: string): Promise<string> {
  const news = await readNews(ctx, pairingId);
  if (news.wishes.length + news.leaving.length === 0) return "";
  const target = gatewayOf(ctx).open(await loadCredentials(ctx, pairingId));
  try {
    if (news.leaving.length > 0) {
      const { agentIds } = await target.endReplications({ agentIds: news.leaving });
      await forget(ctx, pairingId, agentIds);
    }
    if (news.wishes.length > 0) {
      await target.addAgents(await toRequest(ctx, pairingId, news.wishes));
      await markSent(ctx, pairingId, news.wishes);
    }
    return "";
  } catch (thrown) {
    const error = toTwincoreError(thrown);
    if (error.code === "unavailable" || error.code === "internal" || error.code === "unauthenticated") throw thrown;
    return error.message;
  } finally {
    target.close();
  }
}

async function readNews(ctx: EngineContext, pairingId: string): Promise<News> {
  const [wishes, leaving] = await Promise.all([
    ctx.db.prisma.pairingAgent.findMany({
      where: { pairingId, state: "pending", sentAt: null },
      orderBy: { agentId: "asc" },
      take: AGENTS_PER_PAIRING_MAX,
      select: { agentId: true, name: true, hostName: true, sizeBytes: true },
    }),
    ctx.db.prisma.replicationSession.findMany({
      where: { pairingId, side: "source", state: "deleting" },
      orderBy: { id: "asc" },
      take: AGENTS_PER_PAIRING_MAX,
      select: { agentId: true },
    }),
  ]);
  return { wishes, leaving: leaving.map(({ agentId }) => agentId) };
}

async function toRequest(ctx: EngineContext, pairingId: string, wishes: News["wishes"]) {
  const pairing = await ctx.db.prisma.pairing.findUniqueOrThrow({ where: { id: pairingId } });
  return {
    agents: wishes.map(({ agentId, name, hostName, sizeBytes }) => ({
      id: agentId,
      displayName: name,
      hostName,
      size: Number(sizeBytes),
    })),
    comments: "A protection policy of the source asks for this.",
    customerId: pairing.customerId,
    emailAddress: pairing.contactEmail,
  };
}

async function markSent(ctx: EngineContext, pairingId: string, wishes: News["wishes"]): Promise<void> {
  await ctx.db.prisma.pairingAgent.updateMany({
    where: { pairingId, agentId: { in: wishes.map(({ agentId }) => agentId) }, sentAt: null },
    data: { sentAt: ctx.now() },
  });
}

/** The target knows: the sessions go, with the wishes they came from. One that is asked for again meanwhile is wished for anew. */
async function forget(ctx: EngineContext, pairingId: string, agentIds: readonly string[]): Promise<void> {
  const isBusy = await withTransaction(ctx.db, async (tx) => {
    await lockPairing(tx, pairingId);
    const gone = await tx.$queryRaw<{ id: string; agent_id: string }[]>`
      delete from replication_session s
      where s.pairing_id = ${pairingId}::uuid and s.side = 'source' and s.agent_id = any(${[...agentIds]}::uuid[])
        and s.state = 'deleting' and not exists (
          select 1 from run where session_id = s.id and lease_owner is not null and lease_until > now()
        )
      returning s.id, s.agent_id`;
    const goneAgents = gone.map((row) => row.agent_id);
    await tx.pairingAgent.deleteMany({ where: { pairingId, agentId: { in: goneAgents } } });
    const again = agentIds.filter((id) => !goneAgents.includes(id));
    const revived = { pairingId, agentId: { in: again }, side: "source" as const, state: { not: "deleting" as const } };
    const rows = await tx.replicationSession.findMany({ where: revived, select: { agentId: true } });
    await tx.pairingAgent.updateMany({
      where: { pairingId, agentId: { in: rows.map(({ agentId }) => agentId) } },
      data: { state: "pending", sentAt: null },
    });
    await emitEvents(
      tx,
      "session",
      gone.map(({ id }) => id),
    );
    return again.length > rows.length;
  });
  if (isBusy)
    await ctx.enqueue("poll-pairing", { pairingId }, { key: `${pairingId}/leaving`, afterSeconds: LOOK_AGAIN_SECONDS });
}
