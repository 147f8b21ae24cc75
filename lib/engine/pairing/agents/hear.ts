import "server-only";
import type { Tx } from "@/lib/db/client";
import { withTransaction } from "@/lib/db/transaction";
import { writeAudit } from "@/lib/engine/audit";
import type { EngineContext } from "@/lib/engine/context";
import { emitEvent, emitEvents } from "@/lib/engine/events/emit";
import { sessionIdOf } from "@/lib/engine/sessions/session-id";
import type { AgentRequestState } from "@/prisma/generated/enums";
import { lockPairing, type SummaryRow } from "../internal";
import type { ReplicationPairingStatus } from "../peer-schemas";

type Heard = ReplicationPairingStatus["agents"][number];

const STATES: Record<Heard["agentPairingState"], AgentRequestState> = {
  Pending: "pending",
  Established: "approved",
  Rejected: "denied",
};

/** On the source of an established pairing: what the target answered to each agent counts from now on, without a restart. Safe to repeat. */
export async function hearAnswers(
  ctx: EngineContext,
  { pairingId, status }: { pairingId: string; status: ReplicationPairingStatus },
): Promise<void> {
  const sessionIds = await withTransaction(ctx.db, async (tx) => {
    const pairing = await lockPairing(tx, pairingId);
    if (pairing.side !== "source" || pairing.state !== "established") return [];
    return applyAnswers(tx, ctx, pairing, status);
  });
  await startRuns(ctx, sessionIds);
}

/** Asks for the first run of new sessions. One that is lost here is due by its row. */
export async function startRuns(ctx: EngineContext, sessionIds: readonly string[]): Promise<void> {
  for (const sessionId of sessionIds) await ctx.enqueue("run-replication", { sessionId }, { key: sessionId });
}

/** Takes the answers over, in the transaction of the pairing's lock: sessions begin and end with them. Answers the new sessions' ids. */
export async function applyAnswers(
  tx: Tx,
  ctx: EngineContext,
  pairing: SummaryRow,
  status: ReplicationPairingStatus,
): Promise<string[]> {
  const heard = new Map(status.agents.map((agent) => [agent.agentId, agent]));
  const own = pairing.wantedAgents.flatMap((row) => {
    // What it says to an older wish is no answer to one that it has not heard.
    if (row.sentAt === null) return [];
    const said = heard.get(row.agentId);
    return said ? [{ row, state: STATES[said.agentPairingState], message: said.message }] : [];
  });
  const news = own.filter(({ row, state, message }) => row.state !== state || row.message !== message);
  await writeAnswers(tx, ctx, pairing.id, news);
  const idsOf = (state: AgentRequestState) => own.filter((each) => each.state === state).map(({ row }) => row.agentId);
  await endSessions(tx, ctx, pairing.id, idsOf("denied"));
  const started = await startSessions(tx, ctx, pairing, idsOf("approved"));
  const taken = news
    .filter(({ row, state }) => row.state !== state && state === "approved")
    .map(({ row }) => row.agentId);
  const woken = await wakeWaiting(tx, ctx, pairing.id, taken);
  if (news.length > 0) await emitEvent(tx, "pairing", pairing.id);
  // A session that has just begun waits, too.
  return [...new Set([...started, ...woken])];
}

interface News {
  readonly row: SummaryRow["wantedAgents"][number];
  readonly state: AgentRequestState;
  readonly message: string;
}

async function writeAnswers(tx: Tx, ctx: EngineContext, pairingId: string, news: readonly News[]): Promise<void> {
  if (news.length === 0) return;
  await tx.$executeRaw`
    update pairing_agent set state = said.state::agent_request_state, message = said.message,
      decided_at = case said.state when 'pending' then null else ${ctx.now()}::timestamptz end
    from unnest(
      ${news.map(({ row }) => row.agentId)}::uuid[], ${news.map(({ state }) => state)}::text[],
      ${news.map(({ message }) => message)}::text[]
    ) as said (agent_id, state, message)
    where pairing_agent.pairing_id = ${pairingId}::uuid and pairing_agent.agent_id = said.agent_id`;
  const answered = news.filter(({ row, state }) => row.state !== state);
  const detail = { agents: answered.map(({ row, state }) => ({ id: row.agentId, state })) };
  if (answered.length > 0) await writeAudit(tx, ctx, "pairing.hear-agents", pairingId, detail);
}

/** An agent that is taken in, for the first time or again after it was deleted there. Those removed here meanwhile are left out. */
async function startSessions(tx: Tx, ctx: EngineContext, pairing: SummaryRow, approved: string[]): Promise<string[]> {
  const { id: pairingId, requestKeyDigest } = pairing;
  const where = { id: { in: approved }, pairingId: null, kind: "machine" as const, deletionAskedAt: null };
  const agents = await tx.agent.findMany({ where, select: { id: true } });
  const now = ctx.now();
  const made = await tx.replicationSession.createManyAndReturn({
    data: agents.map(({ id }) => ({
      id: sessionIdOf(requestKeyDigest, id),
      side: "source" as const,
      agentId: id,
      pairingId,
      nextRunAt: now,
      createdAt: now,
    })),
    select: { id: true },
    skipDuplicates: true,
  });
  const again = await tx.replicationSession.updateManyAndReturn({
    where: { pairingId, side: "source", state: "ended", agentId: { in: agents.map(({ id }) => id) } },
    data: { state: "initializing", nextRunAt: now, ...BEGINNING, ...NO_FAILURE },
    select: { id: true },
  });
  const ids = [...made, ...again].map(({ id }) => id);
  await emitEvents(tx, "session", ids);
  return ids;
}

/** Sessions that policies made wait for the target to take their agents in. */
async function wakeWaiting(tx: Tx, ctx: EngineContext, pairingId: string, agentIds: string[]): Promise<string[]> {
  const woken = await tx.replicationSession.updateManyAndReturn({
    where: { pairingId, side: "source", agentId: { in: agentIds }, state: { in: ["initializing", "system_paused"] } },
    data: { nextRunAt: ctx.now() },
    select: { id: true },
  });
  return woken.map(({ id }) => id);
}

/** Nothing of what it was before counts: the other core begins anew as well. */
const BEGINNING = {
  role: "source" as const,
  epoch: 0,
  revision: 0,
  heardRevision: 0,
  steps: [],
  newestPointId: null,
  newestPointAt: null,
};

const NO_FAILURE = { pausedBy: null, failureCode: null, failureMessage: null, consecutiveFailures: 0 };

/** The target does not have these agents, or not any more. */
async function endSessions(tx: Tx, ctx: EngineContext, pairingId: string, denied: string[]): Promise<void> {
  const ended = await tx.replicationSession.updateManyAndReturn({
    where: { pairingId, side: "source", state: { notIn: ["deleting", "ended"] }, agentId: { in: denied } },
    data: { state: "ended", nextRunAt: null },
    select: { id: true },
  });
  const ids = ended.map(({ id }) => id);
  await tx.run.updateMany({
    where: { sessionId: { in: ids }, state: { in: ["queued", "running", "paused"] }, cancelRequestedAt: null },
    data: { cancelRequestedAt: ctx.now() },
  });
  await emitEvents(tx, "session", ids);
}
