import "server-only";
import type { Tx } from "@/lib/db/client";
import { TwincoreError } from "@/lib/errors";

/** The tenant of what this core captures itself. */
export const HOME_TENANT = "Home";

/** Its id. Throws unavailable before the first start made it. */
export async function homeTenantId(tx: Tx): Promise<string> {
  const tenant = await tx.tenant.findUnique({ where: { name: HOME_TENANT }, select: { id: true } });
  if (!tenant) throw new TwincoreError("unavailable", "This core has not been started yet.");
  return tenant.id;
}
