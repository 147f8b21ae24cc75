import "server-only";
import type { Tx } from "@/lib/db/client";
import { withTransaction } from "@/lib/db/transaction";
import { writeAudit } from "@/lib/engine/audit";
import type { EngineContext } from "@/lib/engine/context";
import { emitEvent } from "@/lib/engine/events/emit";
import { conflict } from "@/lib/errors";
import { getTenant } from "./get";
import type { CreateTenantInput, TenantDetail } from "./schemas";

/** Makes a customer. Throws conflict ("exists") when there is one of that name. */
export async function createTenant(ctx: EngineContext, input: CreateTenantInput): Promise<TenantDetail> {
  const id = await withTransaction(ctx.db, (tx) => insertTenant(tx, ctx, input));
  return getTenant(ctx, { id });
}

/** The same within a transaction. Answers its id. */
export async function insertTenant(tx: Tx, ctx: EngineContext, input: NewTenant): Promise<string> {
  const id = await tryInsertTenant(tx, ctx, input);
  if (id === null) throw nameIsTaken(input.name);
  return id;
}

/** The same; null when the name is taken, also by a transaction that commits meanwhile. */
export async function tryInsertTenant(tx: Tx, ctx: EngineContext, input: NewTenant): Promise<string | null> {
  const [made] = await tx.tenant.createManyAndReturn({
    data: [{ ...input, createdAt: ctx.now() }],
    skipDuplicates: true,
    select: { id: true },
  });
  if (!made) return null;
  await writeAudit(tx, ctx, "tenant.create", made.id, { name: input.name, customerId: input.customerId ?? "" });
  await emitEvent(tx, "tenant", made.id);
  return made.id;
}

type NewTenant = Pick<CreateTenantInput, "name"> & Partial<CreateTenantInput>;

export const nameIsTaken = (name: string) =>
  conflict(`There is a tenant called "${name}" already. Choose that one, or another name.`, "exists");
