import "server-only";
import type { Tx } from "@/lib/db/client";
import { withTransaction } from "@/lib/db/transaction";
import { writeAudit } from "@/lib/engine/audit";
import type { EngineContext } from "@/lib/engine/context";
import { homeTenantId } from "@/lib/engine/core/home-tenant";
import { emitEvent } from "@/lib/engine/events/emit";
import { conflict, notFound } from "@/lib/errors";
import type { Agent } from "@/prisma/generated/client";

// "vgrp" in ASCII; any number serves.
const NAMES_LOCK = 0x7667_7270;

interface NewAgent {
  readonly name: string;
  readonly description: string;
  readonly isSingleVolume: boolean;
}

/** An agent without a machine, in the repository that the core has had longest: whoever makes a group does not name one. */
export function createHolder(ctx: EngineContext, { name, description, isSingleVolume }: NewAgent): Promise<Agent> {
  return withTransaction(ctx.db, async (tx) => {
    await lockNames(tx);
    await assertNameIsFree(tx, { name, isSingleVolume });
    const repository = await tx.repository.findFirst({ orderBy: [{ createdAt: "asc" }, { id: "asc" }] });
    if (!repository) throw conflict("This core has no repository yet. Create one first.", "no-repository");
    const place = { tenantId: await homeTenantId(tx), repositoryId: repository.id };
    const agent = await tx.agent.create({
      data: { ...place, name, description, isSingleVolume, hostName: "", createdAt: ctx.now() },
    });
    await writeAudit(tx, ctx, "agent.create", agent.id, { name, isSingleVolume });
    await emitEvent(tx, "agent", agent.id);
    return agent;
  });
}

/** Names of groups, and those of volumes that are alone, are each taken once, whatever their case; who makes one waits for the other. */
export async function lockNames(tx: Tx): Promise<void> {
  await tx.$executeRaw`select pg_advisory_xact_lock(${NAMES_LOCK})`;
}

/**
 * Throws `conflict` ("exists"). The agent of a volume that went into a group has its name no more: it stands for its recovery points
 * alone. One without any is just being made.
 */
export async function assertNameIsFree(
  tx: Tx,
  { name, isSingleVolume, exceptId }: { name: string; isSingleVolume: boolean; exceptId?: string },
): Promise<void> {
  const [taken] = await tx.$queryRaw<{ id: string }[]>`
    select id from agent a where lower(a.name) = lower(${name}) and a.kind = 'machine' and a.deletion_asked_at is null
      and a.is_single_volume = ${isSingleVolume} and a.id <> ${exceptId ?? NOBODY}::uuid
      and (not a.is_single_volume
        or exists (select 1 from volume v where v.agent_id = a.id and v.removed_at is null)
        or not exists (select 1 from recovery_point q where q.agent_id = a.id)) limit 1`;
  if (taken)
    throw conflict(
      `There is a ${isSingleVolume ? "volume" : "group"} named "${name}" already. Choose another name.`,
      "exists",
    );
}

const NOBODY = "00000000-0000-0000-0000-000000000000";

/** The agent, held until the end of the transaction. Throws `not_found`, `conflict` ("wrong-side") when another core leads it. */
export async function lockLed(tx: Tx, id: string): Promise<Agent> {
  await tx.$queryRaw`select 1 from agent where id = ${id}::uuid for update`;
  const agent = await tx.agent.findUnique({ where: { id }, include: { leadPairing: true } });
  if (!agent || agent.deletionAskedAt) throw notFound("agent");
  if (agent.leadPairing)
    throw conflict(`${agent.leadPairing.peerName} is current for "${agent.name}". Do this there.`, "wrong-side");
  return agent;
}

/** Throws `conflict` ("in-use") while a policy protects the agent or a session replicates it. */
export async function assertUnprotected(ctx: EngineContext, agentId: string): Promise<void> {
  const { prisma } = ctx.db;
  const agent = await prisma.agent.findUnique({ where: { id: agentId }, select: { name: true, policyId: true } });
  if (!agent) throw notFound("agent");
  const sessions = await prisma.replicationSession.count({
    where: { agentId, state: { notIn: ["ended", "deleting"] } },
  });
  if (agent.policyId !== null || sessions > 0)
    throw conflict(`"${agent.name}" is protected by a policy or replicated. Take the policy away first.`, "in-use");
}
