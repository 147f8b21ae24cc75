import "server-only";
import { hostname } from "node:os";
import { withTransaction } from "@/lib/db/transaction";
import { writeAudit } from "@/lib/engine/audit";
import type { EngineContext } from "@/lib/engine/context";
import { homeTenantId } from "@/lib/engine/core/home-tenant";
import { emitEvent } from "@/lib/engine/events/emit";
import { invalidInput } from "@/lib/errors";
import { checkVolume } from "./check-volume";
import { getAgent } from "./get";
import type { AgentDetail, CreateAgentInput } from "./schemas";

/** Protects a machine of this core. Throws `invalid_input` for an unknown repository, a path that cannot be read, or a name given twice. */
export async function createAgent(ctx: EngineContext, input: CreateAgentInput): Promise<AgentDetail> {
  const names = new Set(input.volumes.map((volume) => volume.name));
  if (names.size < input.volumes.length) throw invalidInput("Two volumes of an agent cannot have the same name.");
  const volumes = await Promise.all(input.volumes.map((volume) => checkVolume(ctx, volume)));
  const id = await withTransaction(ctx.db, async (tx) => {
    const repository = await tx.repository.findUnique({ where: { id: input.repositoryId }, select: { id: true } });
    if (!repository) throw invalidInput("There is no such repository. Choose one from the list of repositories.");
    const agent = await tx.agent.create({
      data: {
        name: input.name,
        hostName: input.hostName || hostname(),
        tenantId: await homeTenantId(tx),
        repositoryId: repository.id,
        createdAt: ctx.now(),
        volumes: { create: volumes },
      },
    });
    await writeAudit(tx, ctx, "agent.create", agent.id, { name: agent.name, volumes: volumes.length });
    await emitEvent(tx, "agent", agent.id);
    return agent.id;
  });
  return getAgent(ctx, { id });
}
