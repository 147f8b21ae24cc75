import "server-only";
import { withTransaction } from "@/lib/db/transaction";
import type { EngineContext } from "@/lib/engine/context";
import { sendAgentRequest } from "@/lib/engine/pairing/agents";
import { toTwincoreError } from "@/lib/errors";
import { Prisma } from "@/prisma/generated/client";
import { noteWaiting, settleRecordsWhere, tellVaults } from "./write";

/** A request to take an agent lives as long; what nobody answered by then must not keep a repository busy for ever. */
const WAIT_DAYS = 7;
/** As many as one request may name; the rest is asked for by the next look. */
const AGENTS_PER_REQUEST = 1_000;
/** Woken by one look. */
const SESSIONS_MAX = 1_000;

type Situation = "wake" | "running" | "paused" | "reversed" | "ask" | "asked" | "denied" | "unheard";

interface Waiting {
  agent_id: string;
  session_id: string | null;
  situation: Situation;
  message: string;
}

/**
 * Source: brings the records of a pairing on their way, and says of each what it waits for. Sessions that lie still are woken,
 * agents that the other core does not have are asked for by request, what cannot come any more fails with its reason. Everything
 * is read from rows, so that it may be repeated at any time: the sweep does so each minute while a record waits.
 */
export async function driveVaultReplications(ctx: EngineContext, { pairingId }: { pairingId: string }): Promise<void> {
  await giveUp(ctx, pairingId);
  const waiting = await readWaiting(ctx, pairingId);
  const idsOf = (situation: Situation) => waiting.filter((each) => each.situation === situation);
  await settleAgents(
    ctx,
    pairingId,
    idsOf("reversed"),
    "reversed",
    () => "The other core is current for this agent; it replicates it.",
  );
  await settleAgents(
    ctx,
    pairingId,
    idsOf("denied"),
    "denied",
    ({ message }) => `The other core does not take this agent: ${message}`,
  );
  await noteAgents(ctx, pairingId, idsOf("paused"), "paused", "The replication session is paused. Resume it.");
  await noteAgents(
    ctx,
    pairingId,
    idsOf("asked"),
    "asked",
    "The other core was asked to take this agent; a person there answers.",
  );
  await askForAgents(ctx, pairingId, idsOf("ask"));
  if (idsOf("unheard").length > 0) await ctx.enqueue("poll-pairing", { pairingId }, { key: `${pairingId}/agents` });
  for (const { session_id } of idsOf("wake").slice(0, SESSIONS_MAX))
    if (session_id) await ctx.enqueue("run-replication", { sessionId: session_id }, { key: session_id });
}

/** Records that nothing can come of any more. */
async function giveUp(ctx: EngineContext, pairingId: string): Promise<void> {
  const oldest = new Date(ctx.now().getTime() - WAIT_DAYS * 86_400_000);
  await withTransaction(ctx.db, async (tx) => {
    const of = Prisma.sql`r.pairing_id = ${pairingId}::uuid`;
    const vaults = [
      ...(await settleRecordsWhere(tx, ctx, {
        where: Prisma.sql`${of} and not exists (select from volume_image i where i.id = r.image_id)`,
        state: "skipped",
        failure: { code: "deleted", message: "The recovery point was deleted before it was replicated." },
      })),
      ...(await settleRecordsWhere(tx, ctx, {
        where: Prisma.sql`${of} and not exists (select from pairing p where p.id = r.pairing_id and p.state = 'established')`,
        state: "failed",
        failure: { code: "pairing-ended", message: "The pairing with the other core has ended." },
      })),
      ...(await settleRecordsWhere(tx, ctx, {
        where: Prisma.sql`${of} and r.state = 'waiting' and r.created_at < ${oldest}`,
        state: "failed",
        failure: { code: "expired", message: `It could not begin within ${WAIT_DAYS} days.` },
      })),
    ];
    await tellVaults(tx, vaults);
  });
}

/** Each agent with records under way, and how it stands with it. A refusal that is older than its records is asked again. */
function readWaiting(ctx: EngineContext, pairingId: string): Promise<Waiting[]> {
  return ctx.db.prisma.$queryRaw<Waiting[]>`
    with active as (
      select agent_id, max(created_at) as asked_at from replication_record
      where state in ('waiting', 'replicating') and pairing_id = ${pairingId}::uuid group by agent_id
    )
    select active.agent_id, s.id as session_id, coalesce(w.message, '') as message,
      case
        when s.id is not null and s.state <> 'ended' then case
          when s.side = 'source' and s.role <> 'source' or s.state in ('failing_over', 'failing_over_for_dr', 'failed_over', 'deleting')
            then 'reversed'
          when s.state in ('paused', 'pausing') then 'paused'
          when s.next_run_at is not null and s.next_run_at > ${ctx.now()} or exists (
            select from run where session_id = s.id and state = 'running' and lease_until > now()) then 'running'
          else 'wake' end
        when w.state = 'denied' and w.decided_at >= active.asked_at then 'denied'
        when w.state = 'pending' then 'asked'
        when w.state = 'approved' then 'unheard'
        else 'ask' end as situation
    from active
    left join replication_session s on s.agent_id = active.agent_id and s.pairing_id = ${pairingId}::uuid
    left join pairing_agent w on w.agent_id = active.agent_id and w.pairing_id = ${pairingId}::uuid
    order by active.agent_id`;
}

async function askForAgents(ctx: EngineContext, pairingId: string, agents: readonly Waiting[]): Promise<void> {
  const asked = agents.slice(0, AGENTS_PER_REQUEST);
  if (asked.length === 0) return;
  try {
    const agentIds = asked.map(({ agent_id }) => agent_id);
    await sendAgentRequest(ctx, { id: pairingId, agentIds, comments: "For the replication of a whole repository." });
    await noteAgents(
      ctx,
      pairingId,
      asked,
      "asked",
      "The other core was asked to take this agent; a person there answers.",
    );
  } catch (thrown) {
    const { code, message } = toTwincoreError(thrown);
    ctx.log.warn({ pairingId, code }, "a target could not be asked to take the agents of a vault replication");
    await noteAgents(
      ctx,
      pairingId,
      asked,
      "unavailable",
      `The other core could not be asked to take this agent: ${message}`,
    );
  }
}

async function noteAgents(
  ctx: EngineContext,
  pairingId: string,
  agents: readonly Waiting[],
  code: string,
  message: string,
): Promise<void> {
  if (agents.length === 0) return;
  const ids = agents.map(({ agent_id }) => agent_id);
  await withTransaction(ctx.db, async (tx) => {
    const where = Prisma.sql`r.pairing_id = ${pairingId}::uuid and r.agent_id = any(${ids}::uuid[])`;
    await tellVaults(tx, await noteWaiting(tx, ctx, { where, failure: { code, message } }));
  });
}

async function settleAgents(
  ctx: EngineContext,
  pairingId: string,
  agents: readonly Waiting[],
  code: string,
  messageOf: (agent: Waiting) => string,
): Promise<void> {
  const byMessage = new Map<string, Waiting[]>();
  for (const agent of agents) byMessage.set(messageOf(agent), [...(byMessage.get(messageOf(agent)) ?? []), agent]);
  for (const [message, group] of byMessage) {
    const ids = group.map(({ agent_id }) => agent_id);
    const where = Prisma.sql`r.pairing_id = ${pairingId}::uuid and r.agent_id = any(${ids}::uuid[])`;
    await withTransaction(ctx.db, async (tx) =>
      tellVaults(tx, await settleRecordsWhere(tx, ctx, { where, state: "failed", failure: { code, message } })),
    );
  }
}
