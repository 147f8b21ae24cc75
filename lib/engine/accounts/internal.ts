import "server-only";
import type { Tx } from "@/lib/db/client";
import { conflict, invalidInput } from "@/lib/errors";
import type { Prisma } from "@/prisma/generated/client";
import { TENANTS_MAX } from "./identity";
import type { AccountReport, AccountState } from "./schemas";

/** What has to be read of an account to show it to administrators. */
export const REPORT = {
  id: true,
  name: true,
  email: true,
  role: true,
  allTenants: true,
  tenants: { select: { tenant: { select: { id: true, name: true } } }, take: TENANTS_MAX },
  passwordHash: true,
  identity: true,
  totpEnabledAt: true,
  disabledAt: true,
  lastSignInAt: true,
  createdAt: true,
} as const satisfies Prisma.AccountSelect;

export type ReportRow = Prisma.AccountGetPayload<{ select: typeof REPORT }>;

export function toAccountReport(row: ReportRow): AccountReport {
  return {
    id: row.id,
    name: row.name,
    email: row.email,
    role: row.role,
    tenants: row.allTenants ? null : row.tenants.map(({ tenant }) => tenant),
    state: stateOf(row),
    hasSecondFactor: row.totpEnabledAt !== null,
    hasIdentity: row.identity !== null,
    lastSignInAt: row.lastSignInAt?.toISOString() ?? null,
    createdAt: row.createdAt.toISOString(),
  };
}

function stateOf(row: ReportRow): AccountState {
  if (row.disabledAt) return "disabled";
  return row.passwordHash === null && row.identity === null ? "invited" : "active";
}

/** The rows in a state, as `stateOf` tells them apart. */
export function inState(state: AccountState | undefined): Prisma.AccountWhereInput {
  switch (state) {
    case undefined:
      return {};
    case "disabled":
      return { disabledAt: { not: null } };
    case "invited":
      return { disabledAt: null, passwordHash: null, identity: null };
    case "active":
      return { disabledAt: null, OR: [{ passwordHash: { not: null } }, { identity: { not: null } }] };
    default:
      return state satisfies never;
  }
}

/** One change of who may do what at a time: two administrators who demote each other at once must leave one. */
export async function lockRights(tx: Tx): Promise<void> {
  await tx.$executeRaw`select pg_advisory_xact_lock(hashtextextended('twincore/accounts', 0))`;
}

/** After a change, under `lockRights`. Throws conflict when nobody would be left who can sign in and do everything. */
export async function assertAdministratorLeft(tx: Tx): Promise<void> {
  const left = await tx.account.count({ where: { ...inState("active"), role: "administrator", allTenants: true } });
  if (left === 0)
    throw conflict(
      "This core would be left without an administrator. Give another account that role first, and no tenants.",
      "last-administrator",
    );
}

/** Binds an account to tenants; null: to none. Throws invalid_input for a tenant that is not there. */
export async function bindToTenants(tx: Tx, accountId: string, tenantIds: readonly string[] | null): Promise<void> {
  const wanted = [...new Set(tenantIds ?? [])];
  if ((await tx.tenant.count({ where: { id: { in: wanted } } })) !== wanted.length)
    throw invalidInput("One of these tenants is not there any more. Choose again.");
  await tx.account.update({ where: { id: accountId }, data: { allTenants: tenantIds === null } });
  await tx.accountTenant.deleteMany({ where: { accountId } });
  await tx.accountTenant.createMany({ data: wanted.map((tenantId) => ({ accountId, tenantId })) });
}
