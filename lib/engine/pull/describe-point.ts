import "server-only";
import type { EngineContext } from "@/lib/engine/context";
import { declarePoint } from "@/lib/engine/replication/declare-point";
import { notFound } from "@/lib/errors";
import { requireLedAgent } from "./lead";
import type { LeadingPoint } from "./peer-schemas";

/** Callee: all that a core must know of a recovery point to hold it too. Throws `not_found`, and as requireLedAgent. */
export async function describeLeadingPoint(
  ctx: EngineContext,
  input: { agentId: string; recoveryPointId: string },
): Promise<LeadingPoint> {
  const { agent } = await requireLedAgent(ctx, input.agentId);
  const declared = await declarePoint(ctx, agent.id, input.recoveryPointId);
  if (!declared || declared.row.missingVolumes.length > 0) throw notFound("recovery point");
  const { row, declaration } = declared;
  return {
    ...declaration,
    origin: row.origin,
    snapshotRuleId: row.snapshotRuleId,
    expiresAt: row.expiresAt?.toISOString() ?? null,
  };
}
