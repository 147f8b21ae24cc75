import "server-only";
import type { Tx } from "@/lib/db/client";
import { actorName, type EngineContext } from "@/lib/engine/context";
import { emitEvents } from "@/lib/engine/events/emit";
import { writeAgentQuotas } from "@/lib/engine/quotas/write";
import { sessionIdOf } from "@/lib/engine/sessions/session-id";
import { conflict } from "@/lib/errors";
import type { ApprovePairingInput } from "./schemas";

export type Choice = ApprovePairingInput["agents"][number];

interface Taking {
  readonly pairingId: string;
  readonly tenantId: string;
  readonly choices: readonly Choice[];
}

/**
 * Takes the chosen agents of a request in, under their ids of the source, each with its session. One whose earlier pairing has
 * ended, or that its source took away and asks for again, goes on where its points are; any other owner is a conflict. A few statements, however many agents.
 */
export async function takeAgents(tx: Tx, ctx: EngineContext, taking: Taking): Promise<void> {
  const { pairingId, choices } = taking;
  const agentIds = choices.map((choice) => choice.agentId);
  await assertFree(tx, taking);
  const taken = await writeAgents(tx, ctx, taking);
  if (taken !== choices.length) throw conflict("Another pairing took one of these agents just now. Look again.");
  const { tenantId } = taking;
  await writeAgentQuotas(
    tx,
    choices.map(({ agentId, quotaBytes }) => ({ agentId, tenantId, hardBytes: quotaBytes })),
  );
  await markApproved(tx, ctx, taking);
  const { requestKeyDigest } = await tx.pairing.findUniqueOrThrow({ where: { id: pairingId } });
  await tx.replicationSession.createMany({
    data: agentIds.map((agentId) => ({
      id: sessionIdOf(requestKeyDigest, agentId),
      side: "target" as const,
      role: "destination" as const,
      agentId,
      pairingId,
      createdAt: ctx.now(),
    })),
    skipDuplicates: true,
  });
  await tx.replicationSession.updateMany({
    where: { pairingId, agentId: { in: agentIds }, state: "ended" },
    data: { state: "initializing", role: "destination", pausedBy: null, nextRunAt: null },
  });
  await emitEvents(tx, "agent", agentIds);
}

async function assertFree(tx: Tx, { pairingId, tenantId, choices }: Taking): Promise<void> {
  const existing = await tx.agent.findMany({
    where: { id: { in: choices.map((choice) => choice.agentId) } },
    include: {
      pairing: { select: { state: true } },
      tenant: true,
      repository: true,
      _count: { select: { sessions: { where: { side: "source" } } } },
    },
  });
  const repositoryOf = new Map(choices.map((choice) => [choice.agentId, choice.repositoryId]));
  for (const agent of existing) {
    const which = `Agent "${agent.name}"`;
    if (agent.deletionAskedAt) throw conflict(`${which} is being deleted here just now. Try again when that is done.`);
    // Taken over from the files of a repository whose database was lost: its source may go on with it.
    const isFound = agent.pairingId === null && agent.adoptedAt !== null && agent._count.sessions === 0;
    if (agent.pairing?.state !== "deleted" && agent.pairingId !== pairingId && !isFound)
      throw conflict(`${which} already belongs to ${agent.pairing ? "another pairing" : "this core itself"}.`);
    if (agent.tenantId !== tenantId)
      throw conflict(
        `${which} is known here under tenant "${agent.tenant.name}". Choose that tenant to go on with it.`,
      );
    if (agent.repositoryId !== repositoryOf.get(agent.id))
      throw conflict(`The recovery points of ${which} lie in repository "${agent.repository.name}". Choose that one.`);
  }
}

/** How many agents it wrote: one that somebody else took since we looked is left alone. In one order, so that two approvals cannot block each other. */
async function writeAgents(tx: Tx, ctx: EngineContext, { pairingId, tenantId, choices }: Taking): Promise<number> {
  const { agents, repositories } = columnsOf(choices);
  return tx.$executeRaw`
    insert into agent (id, name, host_name, tenant_id, repository_id, pairing_id, lead_pairing_id, created_at)
    select chosen.agent_id, wanted.name, wanted.host_name, ${tenantId}::uuid, chosen.repository_id, ${pairingId}::uuid,
      ${pairingId}::uuid, ${ctx.now()}
    from unnest(${agents}::uuid[], ${repositories}::uuid[]) as chosen (agent_id, repository_id)
    join pairing_agent as wanted on wanted.pairing_id = ${pairingId}::uuid and wanted.agent_id = chosen.agent_id
    order by chosen.agent_id
    on conflict (id) do update set
      pairing_id = excluded.pairing_id, lead_pairing_id = excluded.pairing_id, adopted_at = null, name = excluded.name, host_name = excluded.host_name
    where (agent.pairing_id = ${pairingId}::uuid or agent.pairing_id in (select id from pairing where state = 'deleted')
        or (agent.pairing_id is null and agent.adopted_at is not null
          and not exists (select 1 from replication_session s where s.agent_id = agent.id and s.side = 'source'))) and agent.tenant_id = excluded.tenant_id
      and agent.deletion_asked_at is null`;
}

async function markApproved(tx: Tx, ctx: EngineContext, { pairingId, choices }: Taking): Promise<void> {
  const { agents, repositories, quotas } = columnsOf(choices);
  await tx.$executeRaw`
    update pairing_agent set state = 'approved', decided_at = ${ctx.now()}, decided_by = ${actorName(ctx.actor)},
      repository_id = chosen.repository_id, quota_bytes = chosen.quota_bytes
    from unnest(${agents}::uuid[], ${repositories}::uuid[], ${quotas}::bigint[]) as chosen (agent_id, repository_id, quota_bytes)
    where pairing_agent.pairing_id = ${pairingId}::uuid and pairing_agent.agent_id = chosen.agent_id`;
}

function columnsOf(choices: readonly Choice[]) {
  return {
    agents: choices.map((choice) => choice.agentId),
    repositories: choices.map((choice) => choice.repositoryId),
    quotas: choices.map((choice) => choice.quotaBytes),
  };
}
