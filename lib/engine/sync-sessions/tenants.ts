import "server-only";
import { randomUUID } from "node:crypto";
import { HOME_TENANT } from "@/lib/engine/core/home-tenant";
import { parseAgentDocument } from "@/lib/engine/documents/agent";
import { DOCUMENT_BYTES_MAX } from "@/lib/engine/documents/wrapped";
import { parseDocument } from "@/lib/engine/recovery-points/document";
import { type Domain, domainPrefix, ensureDomain } from "@/lib/engine/repositories/open";
import { toTwincoreError } from "@/lib/errors";
import type { SyncWork } from "./work";

/** Documents that are looked at for the name of a tenant: the first that can be read tells it. */
const DOCUMENTS_MAX = 10;

/** The domain of a tenant of this repository. A tenant that this core does not know gets a row, under the name its documents say. */
export async function domainOfTenant(work: SyncWork, tenantId: string): Promise<Domain> {
  const known = work.tenants.get(tenantId) ?? ensureTenant(work, tenantId);
  work.tenants.set(tenantId, known);
  known.catch(() => work.tenants.delete(tenantId));
  await known;
  return ensureDomain(work.ctx, { repositoryId: work.repository.id, tenantId });
}

async function ensureTenant(work: SyncWork, tenantId: string): Promise<void> {
  const { prisma } = work.ctx.db;
  if (await prisma.tenant.findUnique({ where: { id: tenantId }, select: { id: true } })) return;
  const name = (await nameOf(work, tenantId)) ?? `Tenant ${tenantId.slice(0, 8)}`;
  const createdAt = work.ctx.now();
  if (name === HOME_TENANT) await yieldHome(work);
  // This core has a tenant of its own by the same name ("Home", most often): they stay apart, records and all.
  const names = [
    name,
    `${name} (${work.repository.name})`,
    `${name} (${tenantId.slice(0, 8)})`,
    `${name} ${randomUUID()}`,
  ];
  for (const candidate of names) {
    await prisma.tenant.createMany({ data: [{ id: tenantId, name: candidate, createdAt }], skipDuplicates: true });
    if (await prisma.tenant.findUnique({ where: { id: tenantId }, select: { id: true } })) return;
  }
}

/**
 * A core that has nothing of its own yet, as one whose database was lost, goes on with the home tenant of the repository: what it
 * captures then is found among the records that lie there.
 */
async function yieldHome({ ctx }: SyncWork): Promise<void> {
  const unused = { agents: { none: {} }, domains: { none: {} }, pairings: { none: {} }, enrolmentTokens: { none: {} } };
  const home = await ctx.db.prisma.tenant.findFirst({ where: { name: HOME_TENANT, ...unused }, select: { id: true } });
  if (!home) return;
  // Statements of what was are never moved to another tenant.
  if (await ctx.db.prisma.usageEntry.findFirst({ where: { tenantId: home.id }, select: { id: true } })) return;
  await ctx.db.prisma.tenant.deleteMany({ where: { id: home.id, ...unused } });
}

/** As its agents' documents say it, which follow a new name; else as a point's does, which keeps the name of its day. */
async function nameOf(work: SyncWork, tenantId: string): Promise<string | null> {
  const prefix = domainPrefix(tenantId);
  return (
    (await nameUnder(work, `${prefix}agents/`, parseAgentDocument)) ??
    (await nameUnder(work, `${prefix}points/`, parseDocument))
  );
}

async function nameUnder(
  { repository: { storage } }: SyncWork,
  prefix: string,
  parse: (bytes: Buffer, key: string) => { tenant: { name: string } },
): Promise<string | null> {
  let looked = 0;
  for await (const { key, sizeBytes } of storage.list(prefix)) {
    if (++looked > DOCUMENTS_MAX) break;
    if (sizeBytes > DOCUMENT_BYTES_MAX) continue;
    try {
      return parse(await storage.read(key, 0, sizeBytes), key).tenant.name;
    } catch (error) {
      const { code } = toTwincoreError(error);
      if (code !== "integrity" && code !== "not_found") throw error;
    }
  }
  return null;
}
