import "server-only";
import { deleteAgent } from "@/lib/engine/agents";
import type { EngineContext } from "@/lib/engine/context";
import { guardEach } from "@/lib/engine/protection/guard";
import { TwincoreError } from "@/lib/errors";
import { getHolding } from "./holdings";

interface InRepository {
  readonly repositoryId: string;
  readonly tenantId: string;
  readonly agentIds: readonly string[];
}

/**
 * Says that agents have their recovery points go to this repository. They do from the day that they were made, so that nothing changes: this
 * answers, or throws `not_found` (detail "agent" for an agent that the tenant has not) and `conflict` (detail "other-vault") for one that goes elsewhere.
 */
export async function confirmAgents(
  ctx: EngineContext,
  { repositoryId, tenantId, agentIds }: InRepository,
): Promise<void> {
  await getHolding(ctx, { id: repositoryId, tenantId });
  const found = await ctx.db.prisma.agent.findMany({
    where: { id: { in: [...agentIds] }, tenantId, kind: "machine" },
    select: { id: true, name: true, repositoryId: true },
  });
  if (found.length < new Set(agentIds).size)
    throw new TwincoreError("not_found", "There is no such agent.", { detail: "agent" });
  const elsewhere = found.find((agent) => agent.repositoryId !== repositoryId);
  if (elsewhere)
    throw new TwincoreError("conflict", `The recovery points of ${elsewhere.name} go to another repository.`, {
      detail: "other-vault",
    });
}

/**
 * Deletes agents of a repository with all their recovery points, as `deleteAgent` does. All are looked at before the first goes. Throws `not_found`
 * (detail "agent"), and what deleteAgent throws: then those before it are on their way out, and asking again is safe.
 */
export async function removeAgents(ctx: EngineContext, input: InRepository): Promise<void> {
  await confirmAgents(ctx, input);
  // At most 256 come in one call; each is a transaction of its own, as when a person deletes them one by one.
  await guardEach(input.agentIds, (id) => deleteAgent(ctx, { id }));
}
