import "server-only";
import type { EngineContext } from "@/lib/engine/context";
import { emitEvent, emitEvents } from "@/lib/engine/events/emit";
import { noteContact } from "@/lib/engine/pairing/contact";
import type { ConnectTarget, TargetCore } from "@/lib/engine/replication/target-core";
import { toTwincoreError } from "@/lib/errors";
import type { ReplicationSession } from "@/prisma/generated/client";
import { isNews } from "./receive-word";
import { isAtRest } from "./state";
import { converse, noteSilence } from "./tell";

/** A target that does not answer must not hold up the others. */
const ANSWER_MS = 10_000;
const AT_ONCE = 8;
const PAIRINGS_MAX = 1_000;
/** Of a thousand sessions each; a pairing holds fewer. */
const PAGES_MAX = 100;

/**
 * Source: asks every target once what its people want, and how its sessions stand: two calls a minute for each pairing, and one
 * more for each session of which both cores think differently.
 */
export async function hearTargets(ctx: EngineContext, connect: ConnectTarget): Promise<void> {
  const pairings = await ctx.db.prisma.pairing.findMany({
    where: { side: "source", state: "established" },
    select: { id: true },
    take: PAIRINGS_MAX,
  });
  const queue = pairings.map(({ id }) => id);
  const work = async () => {
    for (let id = queue.shift(); id; id = queue.shift()) await hearOne(ctx, connect, id);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
}

async function hearOne(ctx: EngineContext, connect: ConnectTarget, pairingId: string): Promise<void> {
  try {
    const target = await connect(pairingId, { signal: AbortSignal.timeout(ANSWER_MS) });
    try {
      const { agents } = await target.replicatedAgents();
      await noteContact(ctx, pairingId);
      await hearWishes(
        ctx,
        pairingId,
        agents.filter((agent) => agent.isRunRequested).map(({ id }) => id),
      );
      await noticeChanges(ctx, pairingId, new Set(agents.map(({ id }) => id)));
      await hearSessions(ctx, target, pairingId);
    } finally {
      target.close();
    }
  } catch (thrown) {
    // The runs of the pairing will tell what is wrong.
    await noteSilence(ctx, { pairingId });
    ctx.log.debug({ pairingId, code: toTwincoreError(thrown).code }, "a target was not heard");
  }
}

/** How all sessions stand there, a page after the other; those that stand otherwise here are spoken of. */
async function hearSessions(ctx: EngineContext, target: TargetCore, pairingId: string): Promise<void> {
  let after: string | undefined;
  for (let page = 0; page < PAGES_MAX; page++) {
    const { sessions, next } = await target.hearSessions(after ? { after } : {});
    const ours = await ctx.db.prisma.replicationSession.findMany({
      where: { pairingId, side: "source", agentId: { in: sessions.map(({ agentId }) => agentId) } },
    });
    await heard(ctx, ours);
    const theirs = new Map(sessions.map((session) => [session.agentId, session]));
    for (const session of ours) {
      const news = theirs.get(session.agentId);
      if (!news || session.state === "ended" || session.state === "deleting") continue;
      if (isNews(news, session)) await converse(ctx, target, session.id);
    }
    if (!next) return;
    after = next;
  }
}

/** The other core answers again. */
async function heard(ctx: EngineContext, sessions: readonly ReplicationSession[]): Promise<void> {
  const silent = sessions.filter(({ unheardSince }) => unheardSince !== null).map(({ id }) => id);
  if (silent.length === 0) return;
  await ctx.db.prisma.replicationSession.updateMany({ where: { id: { in: silent } }, data: { unheardSince: null } });
  for (const id of silent) await emitEvent(ctx.db.prisma, "session", id);
}

/** Agents that were taken in there, or deleted, since we heard of them: the target is asked what it answered. */
async function noticeChanges(ctx: EngineContext, pairingId: string, there: ReadonlySet<string>): Promise<void> {
  const ids = [...there];
  const [taken, gone, news] = await Promise.all([
    ctx.db.prisma.pairingAgent.count({ where: { pairingId, state: { not: "approved" }, agentId: { in: ids } } }),
    ctx.db.prisma.replicationSession.count({
      where: { pairingId, side: "source", state: { notIn: ["deleting", "ended"] }, agentId: { notIn: ids } },
    }),
    countPolicyNews(ctx, pairingId),
  ]);
  if (taken + gone + news > 0) await ctx.enqueue("poll-pairing", { pairingId }, { key: `${pairingId}/agents` });
}

/** What policies have to say to the target, and could not yet. */
async function countPolicyNews(ctx: EngineContext, pairingId: string): Promise<number> {
  const [leaving, unsent] = await Promise.all([
    ctx.db.prisma.replicationSession.count({ where: { pairingId, side: "source", state: "deleting" } }),
    ctx.db.prisma.pairingAgent.count({ where: { pairingId, state: "pending", sentAt: null } }),
  ]);
  return leaving + unsent;
}

/** Somebody there asked for a run. */
async function hearWishes(ctx: EngineContext, pairingId: string, agentIds: string[]): Promise<void> {
  const wished = await ctx.db.prisma.replicationSession.findMany({
    where: { pairingId, side: "source", agentId: { in: agentIds } },
  });
  const ids = wished.filter((session) => !isAtRest(session)).map(({ id }) => id);
  if (ids.length === 0) return;
  await ctx.db.prisma.replicationSession.updateMany({ where: { id: { in: ids } }, data: { nextRunAt: ctx.now() } });
  await emitEvents(ctx.db.prisma, "session", ids);
}
