import "server-only";
import type { EngineContext } from "@/lib/engine/context";
import { getHolding } from "@/lib/engine/repositories";
import type { HeldAgent, RepositoryHolding } from "@/lib/engine/repositories/schemas";
import { notFound, TwincoreError } from "@/lib/errors";
import { CaptureWork } from "./input";
import { startCapture } from "./start-capture";

export interface RepositoryCapture {
  readonly repository: RepositoryHolding;
  /** One per agent; recovery points are what they will be. */
  readonly started: readonly { agentId: string; taskId: string; recoveryPointId: string; createdAt: string }[];
  readonly skipped: readonly {
    agent: HeldAgent;
    reason: "capturing" | "replica" | "busy" | "refused";
    message: string;
  }[];
}

/**
 * Captures the agents of a tenant in a repository, or those of them that are named, each into a recovery point of its own. Agents that cannot be
 * captured just now are passed over. Throws `not_found` for an unknown repository or agent (detail "agent"), and `conflict` when nothing begins:
 * detail "capturing" when that is because captures go on, else "nothing-to-do".
 */
export async function captureRepository(
  ctx: EngineContext,
  input: { repositoryId: string; tenantId: string; agentIds?: readonly string[] },
): Promise<RepositoryCapture> {
  const repository = await getHolding(ctx, { id: input.repositoryId, tenantId: input.tenantId });
  const wanted = input.agentIds ? new Set(input.agentIds) : null;
  const agents = repository.agents.filter(({ id }) => wanted === null || wanted.has(id));
  if (wanted && agents.length < wanted.size)
    throw new TwincoreError("not_found", "There is no such agent in this repository.", { detail: "agent" });
  const skipped: RepositoryCapture["skipped"][number][] = [];
  const taskIds: string[] = [];
  // At most 256, as a holding has them; each is a transaction of its own, so that one that is refused stops no other.
  for (const agent of agents) {
    const reason = whyNot(agent);
    if (reason) {
      skipped.push({ agent, reason, message: REASONS[reason] });
      continue;
    }
    try {
      taskIds.push((await startCapture(ctx, { agentId: agent.id })).id);
    } catch (error) {
      if (!(error instanceof TwincoreError) || !REFUSALS.has(error.code)) throw error;
      skipped.push({ agent, reason: "refused", message: error.message });
    }
  }
  if (taskIds.length === 0) throw nothingBegan(skipped);
  return { repository, started: await startedBy(ctx, taskIds), skipped };
}

const REFUSALS: ReadonlySet<string> = new Set(["invalid_input", "conflict", "not_found"]);
const REASONS = {
  capturing: "A capture of it goes on.",
  replica: "It is replicated to here; its own core captures it.",
  busy: "It is being restored or deleted.",
} as const;

function whyNot({ state, isReplica }: HeldAgent): keyof typeof REASONS | null {
  if (state === "capturing") return "capturing";
  if (state === "deleting") return "busy";
  return isReplica ? "replica" : null;
}

function nothingBegan(skipped: RepositoryCapture["skipped"]): TwincoreError {
  const capturing = skipped.find(({ reason }) => reason === "capturing");
  if (capturing)
    return new TwincoreError("conflict", `A capture of ${capturing.agent.name} goes on. Wait for its end.`, {
      detail: "capturing",
    });
  const why = skipped[0] ? ` ${skipped[0].agent.name}: ${skipped[0].message}` : " It holds no agent.";
  return new TwincoreError("conflict", `Nothing in this repository can be captured.${why}`, {
    detail: "nothing-to-do",
  });
}

async function startedBy(ctx: EngineContext, taskIds: string[]): Promise<RepositoryCapture["started"]> {
  const tasks = await ctx.db.prisma.task.findMany({ where: { id: { in: taskIds } }, orderBy: { id: "asc" } });
  return tasks.map((task) => {
    if (task.agentId === null) throw notFound("agent");
    const { recoveryPointId } = CaptureWork.parse(task.input);
    return { agentId: task.agentId, taskId: task.id, recoveryPointId, createdAt: task.createdAt.toISOString() };
  });
}
