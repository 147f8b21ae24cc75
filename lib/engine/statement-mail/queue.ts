import "server-only";
import type { Tx } from "@/lib/db/client";
import type { EngineContext } from "@/lib/engine/context";
import { queueDelivery } from "@/lib/engine/deliveries";

interface Statement {
  readonly id: string;
  readonly tenantId: string;
  readonly tenantName: string;
  readonly month: string;
}

/**
 * Queues a statement for its tenant's addresses, in the caller's transaction; a tenant without addresses gets none. `again` tells one
 * sending from another: without it a statement goes out once, however often this is called. Returns the addresses.
 */
export async function queueStatement(
  tx: Tx,
  ctx: EngineContext,
  { id, tenantId, tenantName, month }: Statement,
  again?: string,
): Promise<readonly string[]> {
  const tenant = await tx.tenant.findUnique({ where: { id: tenantId }, select: { statementEmails: true } });
  const targets = tenant?.statementEmails ?? [];
  if (targets.length === 0) return [];
  await queueDelivery(tx, ctx, {
    purpose: "statement",
    event: again === undefined ? "final" : "again",
    title: `Statement of ${tenantName} for ${month}`,
    subjectId: id,
    tenantId,
    kind: "email",
    targets,
    dedupeKey: again === undefined ? `statement ${id}` : `statement ${id} ${again}`,
  });
  return targets;
}
