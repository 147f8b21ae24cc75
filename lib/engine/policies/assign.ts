import "server-only";
import type { Tx } from "@/lib/db/client";
import { withTransaction } from "@/lib/db/transaction";
import { getAgent } from "@/lib/engine/agents/get";
import type { AgentDetail } from "@/lib/engine/agents/schemas";
import { writeAudit } from "@/lib/engine/audit";
import type { EngineContext } from "@/lib/engine/context";
import { emitEvent } from "@/lib/engine/events/emit";
import { guard } from "@/lib/engine/protection/guard";
import { rulesKeepLess } from "@/lib/engine/retention/shortens";
import { conflict, notFound } from "@/lib/errors";
import { applyPolicies } from "./apply";
import { requireOwnPolicy } from "./checks";
import { lockPolicies } from "./lock";
import { AssignPolicyInput } from "./schemas";

/**
 * Gives an agent, or one volume of it, a policy, or takes it away (null): captures follow its snapshot rules from now on, and the agent's
 * sessions its replication rules. Sessions that a policy made go with it, their replicas stay; those that a pairing made stay. The same
 * again changes nothing. One that keeps less than the one before is protected. Throws `not_found`, `conflict` ("replica" for a policy of another core, "wrong-side" for an agent that another core leads).
 */
export async function assignPolicy(ctx: EngineContext, input: AssignPolicyInput): Promise<AgentDetail> {
  const { agentId, volumeId, policyId } = AssignPolicyInput.parse(input);
  await guardShortening(ctx, input);
  const applied = await withTransaction(ctx.db, async (tx) => {
    await lockPolicies(tx);
    const subject = await findSubject(tx, { agentId, volumeId });
    if (subject.policyId === policyId) return { id: subject.agentId, work: null };
    await assertLedHere(tx, subject.agentId);
    if (policyId !== null) await requireOwnPolicy(tx, policyId);
    if (volumeId) await tx.volume.update({ where: { id: volumeId }, data: { policyId } });
    else await tx.agent.update({ where: { id: subject.agentId }, data: { policyId } });
    const action = policyId === null ? "policy.unassign" : "policy.assign";
    await writeAudit(tx, ctx, action, subject.agentId, {
      policyId: policyId ?? subject.policyId,
      ...(volumeId ? { volumeId } : {}),
    });
    for (const id of [policyId, subject.policyId]) if (id !== null) await emitEvent(tx, "policy", id);
    return { id: subject.agentId, work: await applyPolicies(tx, ctx, [subject.agentId]) };
  });
  await applied.work?.afterwards();
  return getAgent(ctx, { id: applied.id });
}

/** A policy that keeps less in the place of another one is protected; any other change is not. */
async function guardShortening(ctx: EngineContext, input: AssignPolicyInput): Promise<void> {
  const subject = await findSubject(ctx.db.prisma, input);
  const { policyId } = input;
  if (policyId === null || subject.policyId === null || subject.policyId === policyId) return;
  const policies = await ctx.db.prisma.policy.findMany({
    where: { id: { in: [policyId, subject.policyId] } },
    include: { snapshotRules: { include: { snapshotRule: true } } },
  });
  const rulesOf = (id: string) =>
    policies.find((policy) => policy.id === id)?.snapshotRules.map(({ snapshotRule }) => snapshotRule) ?? [];
  if (!rulesKeepLess(rulesOf(policyId), rulesOf(subject.policyId))) return;
  const agent = await ctx.db.prisma.agent.findUniqueOrThrow({
    where: { id: subject.agentId },
    select: { name: true, tenantId: true },
  });
  const name = policies.find(({ id }) => id === policyId)?.name ?? "another one";
  await guard(ctx, {
    action: "policy.assign",
    subject: { kind: "agent", id: subject.agentId },
    title: `Give "${agent.name}" the policy "${name}", which keeps its points for a shorter time.`,
    input,
    tenantId: agent.tenantId,
  });
}

async function findSubject(tx: Tx, { agentId, volumeId }: { agentId?: string; volumeId?: string }) {
  if (volumeId) {
    const volume = await tx.volume.findUnique({ where: { id: volumeId }, select: { agentId: true, policyId: true } });
    if (!volume) throw notFound("volume");
    return volume;
  }
  const agent = await tx.agent.findUnique({ where: { id: agentId ?? "" }, select: { id: true, policyId: true } });
  if (!agent) throw notFound("agent");
  return { agentId: agent.id, policyId: agent.policyId };
}

async function assertLedHere(tx: Tx, agentId: string): Promise<void> {
  const agent = await tx.agent.findUniqueOrThrow({ where: { id: agentId }, include: { leadPairing: true } });
  if (agent.kind !== "machine")
    throw conflict(`"${agent.name}" keeps recovery points for another agent; no policy protects it.`, "wrong-state");
  if (agent.deletionAskedAt) throw conflict(`"${agent.name}" is being deleted.`, "wrong-state");
  if (agent.leadPairing)
    throw conflict(
      `${agent.leadPairing.peerName} is current for "${agent.name}". Change what protects it there.`,
      "wrong-side",
    );
}
