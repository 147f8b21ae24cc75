import "server-only";
import type { Tx } from "@/lib/db/client";
import type { EngineContext } from "@/lib/engine/context";
import { insertTenant, tryInsertTenant } from "@/lib/engine/tenants/create";
import { conflict, invalidInput, notFound } from "@/lib/errors";

/** Whom a pairing is about to belong to: at most one of both; neither: nobody chose. */
export interface TenantChoice {
  readonly tenantId?: string;
  readonly tenantName?: string;
}

interface Peer {
  readonly id: string;
  readonly peerName: string;
  readonly customerId: string;
  readonly contactEmail: string;
}

/**
 * The tenant that was chosen, or a new one of the chosen name. When nobody chose, a new one of its own: what another core says of itself never
 * puts it among the records of a customer that is here already. Throws not_found, and conflict ("exists") for a chosen name that is taken.
 */
export async function tenantFor(tx: Tx, ctx: EngineContext, peer: Peer, choice: TenantChoice): Promise<string> {
  const { tenantId, tenantName } = choice;
  if (tenantId && tenantName) throw invalidInput("Choose a tenant, or name a new one; not both.");
  const about = { customerId: peer.customerId.slice(0, 120), contactEmail: peer.contactEmail };
  if (tenantName) return insertTenant(tx, ctx, { name: tenantName, ...about });
  if (!tenantId) return tenantOfItsOwn(tx, ctx, peer, about);
  // A share of the row's lock: a tenant that is being deleted just now takes nobody in.
  const [found] = await tx.$queryRaw<
    { id: string }[]
  >`select id from tenant where id = ${tenantId}::uuid for key share`;
  if (!found) throw notFound("tenant");
  return tenantId;
}

/** Named like the core, with what tells it apart. */
async function tenantOfItsOwn(
  tx: Tx,
  ctx: EngineContext,
  { id, peerName }: Peer,
  about: { customerId: string; contactEmail: string },
): Promise<string> {
  // Beside the longest mark there is room for a name that every form takes.
  const name = peerName.trim().slice(0, 80) || "Customer";
  // The end of a version 7 UUID is random, its beginning is the time.
  for (const candidate of [name, `${name} ${id.slice(-8)}`, `${name} ${id}`]) {
    const made = await tryInsertTenant(tx, ctx, { name: candidate, ...about });
    if (made) return made;
  }
  throw conflict(`There are tenants named "${name}" already. Choose one.`);
}
