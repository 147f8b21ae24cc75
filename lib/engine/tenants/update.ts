import "server-only";
import type { Tx } from "@/lib/db/client";
import { withTransaction } from "@/lib/db/transaction";
import { writeAudit } from "@/lib/engine/audit";
import type { EngineContext } from "@/lib/engine/context";
import { HOME_TENANT } from "@/lib/engine/core/home-tenant";
import { emitEvent } from "@/lib/engine/events/emit";
import { conflict, notFound, systemCode } from "@/lib/errors";
import { nameIsTaken } from "./create";
import { getTenant } from "./get";
import type { TenantDetail, UpdateTenantInput } from "./schemas";

/**
 * Changes what is known of a customer. A new name goes into the documents of its agents within a minute; a new time zone counts for days that
 * begin later. Throws not_found, and conflict for a name that is taken ("exists") or is this core's own ("home").
 */
export async function updateTenant(ctx: EngineContext, { id, ...wanted }: UpdateTenantInput): Promise<TenantDetail> {
  await withTransaction(ctx.db, (tx) => change(tx, ctx, id, wanted)).catch((error) => {
    // Somebody else took the name between the look and the change.
    throw systemCode(error) === "P2002" ? nameIsTaken(wanted.name ?? "") : error;
  });
  return getTenant(ctx, { id });
}

async function change(tx: Tx, ctx: EngineContext, id: string, wanted: Omit<UpdateTenantInput, "id">): Promise<void> {
  await tx.$queryRaw`select 1 from tenant where id = ${id}::uuid for update`;
  const tenant = await tx.tenant.findUnique({ where: { id } });
  if (!tenant) throw notFound("tenant");
  const changes = Object.fromEntries(
    Object.entries(wanted).filter(([key, value]) => value !== undefined && !same(value, tenant[key as never])),
  );
  if (Object.keys(changes).length === 0) return;
  if (wanted.name !== undefined && wanted.name !== tenant.name) {
    if ([tenant.name, wanted.name].includes(HOME_TENANT))
      throw conflict(`${HOME_TENANT} is the tenant of what this core captures itself. Its name stays.`, "home");
    if (await tx.tenant.findUnique({ where: { name: wanted.name }, select: { id: true } }))
      throw nameIsTaken(wanted.name);
  }
  await tx.tenant.update({ where: { id }, data: changes });
  await writeAudit(tx, ctx, "tenant.update", id, changes);
  await emitEvent(tx, "tenant", id);
}

const same = (left: unknown, right: unknown): boolean => JSON.stringify(left) === JSON.stringify(right);
