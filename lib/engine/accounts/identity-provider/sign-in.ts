import "server-only";
import type { Tx } from "@/lib/db/client";
import { withTransaction } from "@/lib/db/transaction";
import { refused, writeAudit } from "@/lib/engine/audit";
import type { EngineContext } from "@/lib/engine/context";
import { emitEvent, emitRightsChange } from "@/lib/engine/events/emit";
import { TwincoreError } from "@/lib/errors";
import { IDENTITY, type IdentityRow } from "../identity";
import { assertAdministratorLeft, bindToTenants, lockRights } from "../internal";
import { Email, type Role } from "../schemas";
import { createSignIn } from "../sign-ins";
import { IDENTITY_REFUSALS, type IdentityRefusal, type ProvenIdentity } from "./schemas";

/**
 * Signs somebody in whom the identity provider has proved. Deny is the default: it takes an account here that has this identity, or one of
 * the same verified e-mail address (which is linked, once), or a role that the provider's claim maps to, for which an account is made. With
 * claims for role and tenants, they hold from each sign-in on. Throws forbidden with an IdentityRefusal as its detail.
 */
export async function signInByIdentity(
  ctx: EngineContext,
  input: { identity: ProvenIdentity; address: string; userAgent: string },
): Promise<{ id: string; accountId: string }> {
  const { identity, address, userAgent } = input;
  const accountId = await admit(ctx, identity).catch(async (error: unknown) => {
    if (!(error instanceof TwincoreError)) throw error;
    const subject = identity.email ?? keyOf(identity);
    throw await refused({ ...ctx, address }, error, { action: "sign-in.create", subject, isNobody: true });
  });
  // A clock of the provider that is ahead proves nothing of the future.
  const provenAt = new Date(Math.min((identity.authenticatedAt ?? ctx.now()).getTime(), ctx.now().getTime()));
  const { id } = await createSignIn(ctx, { accountId, address, userAgent, way: "identity", provenAt });
  return { id, accountId };
}

/** The account that somebody is here, with what the claims say of it. */
function admit(ctx: EngineContext, identity: ProvenIdentity): Promise<string> {
  return withTransaction(ctx.db, async (tx) => {
    await lockRights(tx);
    if (identity.role === null) throw refusal("no-role");
    const tenantIds = await findTenants(tx, identity);
    const account = (await findLinked(tx, identity)) ?? (await linkOrCreate(tx, ctx, identity));
    if (account.disabledAt) throw refusal("disabled");
    await applyClaims(tx, ctx, account, identity.role, tenantIds);
    return account.id;
  });
}

const keyOf = ({ issuer, subject }: ProvenIdentity) => `${issuer} ${subject}`;

const findLinked = (tx: Tx, identity: ProvenIdentity) =>
  tx.account.findUnique({ where: { identity: keyOf(identity) }, select: IDENTITY });

async function linkOrCreate(tx: Tx, ctx: EngineContext, identity: ProvenIdentity): Promise<IdentityRow> {
  const email = Email.safeParse(identity.email);
  if (!email.success) throw refusal("unknown-account");
  const existing = await tx.account.findUnique({
    where: { email: email.data },
    select: { id: true, identity: true },
  });
  if (!existing && identity.role === undefined) throw refusal("unknown-account");
  // Whoever may write any address into a profile at the provider must not become somebody here.
  if (!identity.isEmailVerified) throw refusal("email-unverified");
  if (existing?.identity) throw refusal("other-identity");
  if (!existing) return create(tx, ctx, identity, email.data);
  await writeAudit(tx, ctx, "account.link-identity", existing.id, { email: email.data, issuer: identity.issuer });
  await emitEvent(tx, "account", existing.id);
  return tx.account.update({
    where: { id: existing.id },
    data: { identity: keyOf(identity) },
    select: IDENTITY,
  });
}

async function create(tx: Tx, ctx: EngineContext, identity: ProvenIdentity, email: string): Promise<IdentityRow> {
  const role = identity.role;
  if (!role) throw refusal("no-role");
  const name = identity.name?.trim() || email;
  const data = { name, email, role, identity: keyOf(identity), createdAt: ctx.now() };
  const account = await tx.account.create({ data, select: IDENTITY });
  await writeAudit(tx, ctx, "account.create", account.id, { email, role, issuer: identity.issuer });
  await emitEvent(tx, "account", account.id);
  return account;
}

/** undefined: not asked for; null: all. */
async function findTenants(tx: Tx, { tenants }: ProvenIdentity): Promise<string[] | null | undefined> {
  if (tenants === undefined) return undefined;
  if (tenants === "all") return null;
  const found = await tx.tenant.findMany({ where: { name: { in: tenants } }, select: { id: true } });
  if (found.length === 0) throw refusal("no-tenant");
  return found.map(({ id }) => id);
}

async function applyClaims(
  tx: Tx,
  ctx: EngineContext,
  before: IdentityRow,
  role: Role | undefined,
  tenantIds: string[] | null | undefined,
): Promise<void> {
  const hadTenants = before.allTenants ? null : before.tenants.map(({ tenantId }) => tenantId);
  const changesRole = role !== undefined && role !== before.role;
  const changesTenants = tenantIds !== undefined && inOrder(tenantIds) !== inOrder(hadTenants);
  if (!changesRole && !changesTenants) return;
  if (changesRole) await tx.account.update({ where: { id: before.id }, data: { role } });
  if (changesTenants) await bindToTenants(tx, before.id, tenantIds);
  if (before.role === "administrator") await assertAdministratorLeft(tx);
  const change = { role: role ?? before.role, by: "the claims of the identity provider" };
  await writeAudit(tx, ctx, "account.update", before.id, { email: before.email, ...change });
  await emitEvent(tx, "account", before.id);
  await emitRightsChange(tx);
}

const inOrder = (ids: readonly string[] | null) => (ids === null ? "all" : [...ids].sort().join());

const refusal = (why: IdentityRefusal) =>
  new TwincoreError("forbidden", `${IDENTITY_REFUSALS[why]} Ask an administrator of this core.`, { detail: why });
