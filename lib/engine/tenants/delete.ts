import "server-only";
import type { Tx } from "@/lib/db/client";
import { withTransaction } from "@/lib/db/transaction";
import { writeAudit } from "@/lib/engine/audit";
import type { EngineContext } from "@/lib/engine/context";
import { HOME_TENANT } from "@/lib/engine/core/home-tenant";
import { emitEvent } from "@/lib/engine/events/emit";
import { conflict, notFound } from "@/lib/errors";
import { formatNumberOf } from "@/lib/format";

/**
 * Forgets a customer of whom nothing is left. Throws not_found, and conflict ("in-use") that names what is left: agents, pairings, tokens,
 * people, records in repositories, or entries of the ledger, which are kept for whoever asks about a bill.
 */
export function deleteTenant(ctx: EngineContext, { id }: { id: string }): Promise<Record<string, never>> {
  return withTransaction(ctx.db, async (tx) => {
    // Whoever gives it an agent, a pairing or a token holds a share of this lock: none appears between the look and the deletion.
    await tx.$queryRaw`select 1 from tenant where id = ${id}::uuid for update`;
    const tenant = await tx.tenant.findUnique({ where: { id }, select: { name: true } });
    if (!tenant) throw notFound("tenant");
    if (tenant.name === HOME_TENANT)
      throw conflict(`${HOME_TENANT} is the tenant of what this core captures itself. It stays.`, "home");
    const left = await leftOf(tx, id);
    if (left.length > 0) throw conflict(`${tenant.name} still has ${left.join(", ")}. Remove that first.`, "in-use");
    await tx.recordDomain.deleteMany({ where: { tenantId: id } });
    await tx.tenant.delete({ where: { id } });
    await writeAudit(tx, ctx, "tenant.delete", id, { name: tenant.name });
    await emitEvent(tx, "tenant", id);
    return {};
  });
}

async function leftOf(tx: Tx, tenantId: string): Promise<string[]> {
  const where = { tenantId };
  const [agents, pairings, tokens, accounts, packs, statements, corrections, entry] = [
    await tx.agent.count({ where }),
    await tx.pairing.count({ where: { ...where, state: { not: "deleted" } } }),
    await tx.enrolmentToken.count({ where }),
    await tx.accountTenant.count({ where }),
    await tx.pack.count({ where: { domain: where } }),
    await tx.statement.count({ where }),
    await tx.usageCorrection.count({ where }),
    await tx.usageEntry.findFirst({ where, select: { id: true } }),
  ];
  const counted: readonly [number, string][] = [
    [agents, "agent"],
    [pairings, "pairing"],
    [tokens, "enrolment token"],
    [accounts, "bound account"],
    [packs, "pack"],
    [statements, "statement"],
    [corrections, "correction"],
  ];
  const words = counted.filter(([count]) => count > 0).map(([count, what]) => formatNumberOf(count, what));
  return entry ? [...words, "entries in the ledger"] : words;
}
