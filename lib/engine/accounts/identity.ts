import type { AccountActor, Credential } from "@/lib/engine/context";
import type { Prisma } from "@/prisma/generated/client";
import type { Me } from "./schemas";

/** An account may be bound to so many tenants. */
export const TENANTS_MAX = 500;

/** What has to be read of an account to know who it is. */
export const IDENTITY = {
  id: true,
  name: true,
  email: true,
  role: true,
  disabledAt: true,
  allTenants: true,
  tenants: { select: { tenantId: true }, take: TENANTS_MAX },
} as const satisfies Prisma.AccountSelect;

export type IdentityRow = Prisma.AccountGetPayload<{ select: typeof IDENTITY }>;

export function toMe({ id, name, email, role, allTenants, tenants }: Omit<IdentityRow, "disabledAt">): Me {
  return {
    accountId: id,
    name,
    email,
    role,
    tenantIds: allTenants ? null : tenants.map(({ tenantId }) => tenantId),
  };
}

/** Somebody who was let in, and by what. */
export interface Identified {
  readonly account: Me;
  readonly credential: Credential;
}

/** As the engine sees them. `door` absent: the native API. */
export function toActor({ account, credential }: Identified, door?: string): AccountActor {
  const { accountId, email, role, tenantIds } = account;
  return { kind: "account", accountId, name: email, role, door, tenantIds, credential };
}
