import "server-only";
import type { Tx } from "@/lib/db/client";
import { withTransaction } from "@/lib/db/transaction";
import { writeAudit } from "@/lib/engine/audit";
import { actorName, type EngineContext } from "@/lib/engine/context";
import { emitEvent, emitRightsChange } from "@/lib/engine/events/emit";
import { notFound } from "@/lib/errors";
import { endAllSignIns } from "./end-sign-ins";
import { assertAdministratorLeft, bindToTenants, lockRights, REPORT, toAccountReport } from "./internal";
import { ownAccountId } from "./own";
import { spendLinks } from "./password-links";
import type { AccountReport, Me, UpdateAccountInput, UpdateMeInput } from "./schemas";

/**
 * Changes name, role and tenants of an account; it counts from its next request on, open streams included. Throws not_found,
 * invalid_input for a tenant that is not there, conflict when this core would be left without an administrator.
 */
export function updateAccount(ctx: EngineContext, input: UpdateAccountInput): Promise<AccountReport> {
  const { id, name, role, tenantIds } = input;
  return withTransaction(ctx.db, async (tx) => {
    await lockRights(tx);
    const before = await getRow(tx, id);
    await tx.account.update({ where: { id }, data: { name, role } });
    if (tenantIds !== undefined) await bindToTenants(tx, id, tenantIds);
    if (before.role === "administrator") await assertAdministratorLeft(tx);
    const after = toAccountReport(await getRow(tx, id));
    await writeAudit(tx, ctx, "account.update", id, {
      email: before.email,
      ...changeOf("name", before.name, after.name),
      ...changeOf("role", before.role, after.role),
      ...changeOf("tenants", namesOf(toAccountReport(before)), namesOf(after)),
    });
    await emitEvent(tx, "account", id);
    await emitRightsChange(tx);
    return after;
  });
}

/** Who may know of which tenants; null: of all. The same as updateAccount with nothing else. */
export const setAccountTenants = (ctx: EngineContext, { id, tenantIds }: { id: string; tenantIds: string[] | null }) =>
  updateAccount(ctx, { id, tenantIds });

/**
 * Disables an account: its sign-ins end, its tokens, keys and links open nothing from the next request on. What it did stays. Again is no
 * error. Throws not_found, conflict for the last administrator.
 */
export function disableAccount(ctx: EngineContext, { id }: { id: string }): Promise<AccountReport> {
  return withTransaction(ctx.db, async (tx) => {
    await lockRights(tx);
    const before = await getRow(tx, id);
    if (before.disabledAt) return toAccountReport(before);
    await tx.account.update({ where: { id }, data: { disabledAt: ctx.now() } });
    if (before.role === "administrator") await assertAdministratorLeft(tx);
    await endAllSignIns(tx, ctx, id, actorName(ctx.actor));
    await spendLinks(tx, id, ctx.now());
    await writeAudit(tx, ctx, "account.disable", id, { email: before.email });
    await emitEvent(tx, "account", id);
    await emitRightsChange(tx);
    return toAccountReport(await getRow(tx, id));
  });
}

/** Lets a disabled account in again, with the password, tokens and keys that it had. Again is no error. Throws not_found. */
export function enableAccount(ctx: EngineContext, { id }: { id: string }): Promise<AccountReport> {
  return withTransaction(ctx.db, async (tx) => {
    const before = await getRow(tx, id);
    if (!before.disabledAt) return toAccountReport(before);
    await tx.account.update({ where: { id }, data: { disabledAt: null } });
    await writeAudit(tx, ctx, "account.enable", id, { email: before.email });
    await emitEvent(tx, "account", id);
    return toAccountReport(await getRow(tx, id));
  });
}

/** The caller's own name. */
export function updateMe(ctx: EngineContext, { name }: UpdateMeInput): Promise<Pick<Me, "name">> {
  return withTransaction(ctx.db, async (tx) => {
    const id = ownAccountId(ctx);
    const before = await getRow(tx, id);
    await tx.account.update({ where: { id }, data: { name } });
    await writeAudit(tx, ctx, "account.rename", id, changeOf("name", before.name, name));
    await emitEvent(tx, "account", id);
    return { name };
  });
}

async function getRow(tx: Tx, id: string) {
  const row = await tx.account.findUnique({ where: { id }, select: REPORT });
  if (!row) throw notFound("account");
  return row;
}

const namesOf = ({ tenants }: AccountReport) => tenants?.map(({ name }) => name).join(", ") ?? "all";

const changeOf = (what: string, before: string, after: string) =>
  before === after ? {} : { [what]: `${before} → ${after}` };
