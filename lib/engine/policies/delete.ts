import "server-only";
import { withTransaction } from "@/lib/db/transaction";
import { writeAudit } from "@/lib/engine/audit";
import type { EngineContext } from "@/lib/engine/context";
import { emitEvent } from "@/lib/engine/events/emit";
import { conflict } from "@/lib/errors";
import { requireOwnPolicy } from "./checks";
import { lockPolicies } from "./lock";

/** Deletes a policy that nothing is assigned to; its rules stay. Throws `not_found`, `conflict` ("in-use", "replica"). */
export async function deletePolicy(ctx: EngineContext, { id }: { id: string }): Promise<Record<string, never>> {
  await withTransaction(ctx.db, async (tx) => {
    await lockPolicies(tx);
    const policy = await requireOwnPolicy(tx, id);
    const agents = await tx.agent.count({ where: { policyId: id } });
    const volumes = await tx.volume.count({ where: { policyId: id } });
    if (agents + volumes > 0)
      throw conflict(
        `The policy "${policy.name}" protects ${wordsOf(agents, volumes)}. Take it away from them first.`,
        "in-use",
      );
    await tx.policy.delete({ where: { id } });
    await writeAudit(tx, ctx, "policy.delete", id, { name: policy.name });
    await emitEvent(tx, "policy", id);
  });
  return {};
}

const wordsOf = (agents: number, volumes: number): string =>
  [agents > 0 ? counted(agents, "agent") : "", volumes > 0 ? counted(volumes, "volume") : ""]
    .filter((words) => words !== "")
    .join(" and ");

const counted = (count: number, unit: string): string => `${count} ${unit}${count === 1 ? "" : "s"}`;
