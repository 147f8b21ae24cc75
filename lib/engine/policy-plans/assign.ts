import "server-only";
import type { EngineContext } from "@/lib/engine/context";
import { assignPolicy } from "@/lib/engine/policies/assign";
import { guardEach } from "@/lib/engine/protection/guard";
import { getHolding } from "@/lib/engine/repositories";
import { TwincoreError } from "@/lib/errors";
import { getPlan } from "./list";

interface Assignment {
  readonly repositoryId: string;
  readonly tenantId: string;
  readonly policyId: string;
}

/**
 * Gives all agents of a tenant in a repository this policy; those that another core leads keep theirs. Asking again changes nothing. Throws `not_found`
 * (details "vault", "policy"), `conflict` (detail "nothing-to-do") when there is no agent that could follow it.
 */
export async function assignPlan(ctx: EngineContext, { repositoryId, tenantId, policyId }: Assignment): Promise<void> {
  const { agents } = await held(ctx, { repositoryId, tenantId, policyId });
  const own = agents.filter(({ isReplica, state }) => !isReplica && state !== "deleting");
  if (own.length === 0)
    throw new TwincoreError("conflict", "No agent in this repository could follow a policy.", {
      detail: "nothing-to-do",
    });
  // At most 256, as a holding has them; each is a transaction of its own, as when a person assigns them one by one.
  await guardEach(own, ({ id }) => assignPolicy(ctx, { agentId: id, policyId }));
}

/** Takes this policy away from the agents of a tenant in a repository that have it. Throws `not_found` (details "vault", "policy", "not-assigned"). */
export async function unassignPlan(ctx: EngineContext, input: Assignment): Promise<void> {
  const { agents } = await held(ctx, input);
  const following = agents.filter(({ policyId }) => policyId === input.policyId);
  if (following.length === 0)
    throw new TwincoreError("not_found", "No agent in this repository follows this policy.", {
      detail: "not-assigned",
    });
  for (const { id } of following) await assignPolicy(ctx, { agentId: id, policyId: null });
}

async function held(ctx: EngineContext, { repositoryId, tenantId, policyId }: Assignment) {
  const holding = await getHolding(ctx, { id: repositoryId, tenantId }).catch((error: unknown) => {
    throw missing(error, "repository", "vault");
  });
  await getPlan(ctx, { id: policyId, tenantId }).catch((error: unknown) => {
    throw missing(error, "policy", "policy");
  });
  return holding;
}

/** Says which of both is missing. */
function missing(error: unknown, what: string, detail: string): unknown {
  if (!(error instanceof TwincoreError) || error.code !== "not_found") return error;
  return new TwincoreError("not_found", `There is no such ${what}.`, { detail });
}
