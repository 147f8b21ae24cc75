import "server-only";
import { withTransaction } from "@/lib/db/transaction";
import type { EngineContext } from "@/lib/engine/context";
import { emitEvent } from "@/lib/engine/events/emit";
import { noteContact } from "@/lib/engine/pairing/contact";
import type { ReplicatedAgents } from "@/lib/engine/replication/peer-schemas";
import type { ConnectTarget } from "@/lib/engine/replication/target-core";
import { toTwincoreError } from "@/lib/errors";
import { canMove } from "./state";

/** A target that does not answer must not hold up the others. */
const ANSWER_MS = 10_000;
const AT_ONCE = 8;
const PAIRINGS_MAX = 1_000;

/**
 * Source: asks every target once what its people want of sessions that do not run: pause, resume, run now. One call a minute for
 * each pairing; a run that goes on hears it by itself.
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
    const { agents } = await target.replicatedAgents().finally(() => target.close());
    await noteContact(ctx, pairingId);
    for (const agent of agents) if (isNews(agent)) await obey(ctx, pairingId, agent);
    await noticeChanges(ctx, pairingId, new Set(agents.map(({ id }) => id)));
    await resumeOthers(ctx, pairingId, new Set(agents.filter(isNews).map(({ id }) => id)));
  } catch (thrown) {
    // The runs of the pairing will tell what is wrong.
    ctx.log.debug({ pairingId, code: toTwincoreError(thrown).code }, "a target was not heard");
  }
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

type Heard = ReplicatedAgents["agents"][number];
const isNews = (agent: Heard): boolean => agent.replicationState === "Paused" || agent.isRunRequested;

async function obey(ctx: EngineContext, pairingId: string, agent: Heard): Promise<void> {
  const paused = agent.replicationState === "Paused";
  await withTransaction(ctx.db, async (tx) => {
    await tx.$executeRaw`
      select 1 from replication_session where agent_id = ${agent.id}::uuid and pairing_id = ${pairingId}::uuid for update`;
    const session = await tx.replicationSession.findUnique({
      where: { agentId_pairingId: { agentId: agent.id, pairingId } },
    });
    if (session?.side !== "source") return;
    const held = session.state === "paused" && session.pausedBy === "source";
    const change = !paused
      ? { nextRunAt: ctx.now() }
      : session.state !== "synchronizing" && session.state !== "paused" && canMove(session.state, "paused")
        ? { state: "paused" as const, pausedBy: "target", nextRunAt: null }
        : null;
    if (held || !change) return;
    await tx.replicationSession.update({ where: { id: session.id }, data: change });
    await emitEvent(tx, "session", session.id);
  });
}

/** Sessions that we hold for paused over there, and that are not any more. */
async function resumeOthers(ctx: EngineContext, pairingId: string, named: ReadonlySet<string>): Promise<void> {
  const waiting = await ctx.db.prisma.replicationSession.findMany({
    where: { pairingId, side: "source", state: "paused", pausedBy: "target" },
    select: { id: true, agentId: true },
  });
  const ids = waiting.filter(({ agentId }) => !named.has(agentId)).map(({ id }) => id);
  await ctx.db.prisma.replicationSession.updateMany({ where: { id: { in: ids } }, data: { nextRunAt: ctx.now() } });
}
