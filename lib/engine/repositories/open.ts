import "server-only";
import type { Database } from "@/lib/db/client";
import type { RecordContext } from "@/lib/engine/records/connection";
import { notFound, TwincoreError } from "@/lib/errors";
import type { StorageBackend } from "@/lib/storage/backend";
import { openFileStorage } from "@/lib/storage/fs";
import { IDENTITY_KEY, readIdentity } from "./identity";

export interface OpenRepository {
  id: string;
  name: string;
  storage: StorageBackend;
}

/** The records of one tenant in one repository: what may be deduplicated against each other. */
export interface Domain {
  id: number;
  repositoryId: string;
  tenantId: string;
  storage: StorageBackend;
  /** Its keys begin with this: `t/<tenantId>/`. */
  prefix: string;
}

interface Opened {
  repositories: Map<string, Promise<OpenRepository>>;
  domainIds: Map<string, Promise<number>>;
}

/** Per database, because one process may hold two cores in tests. Ids never change and rows are never removed while in use. */
const opened = new WeakMap<Database, Opened>();
/** Repositories are made by hand: some dozens. Domains: one per tenant and repository, some thousands. */
const DOMAINS_MAX = 50_000;

function openedOf(db: Database): Opened {
  const known = opened.get(db) ?? { repositories: new Map(), domainIds: new Map() };
  opened.set(db, known);
  return known;
}

/**
 * The storage of a repository, after making sure that its folder is the one it should be. Kept for the life of the process,
 * and opened anew when its disk went away and came back. Throws `not_found`, or `unavailable` when the folder is not there or
 * holds something else.
 */
export async function openRepository(ctx: RecordContext, repositoryId: string): Promise<OpenRepository> {
  const { repositories } = openedOf(ctx.db);
  const known = repositories.get(repositoryId);
  if (known) {
    const repository = await known;
    if (await isReachable(repository)) return repository;
    if (repositories.get(repositoryId) === known) repositories.delete(repositoryId);
  }
  return remembered(repositories, repositoryId, () => open(ctx, repositoryId));
}

/** The domain of a tenant in a repository, made on first use. */
export async function ensureDomain(
  ctx: RecordContext,
  { repositoryId, tenantId }: { repositoryId: string; tenantId: string },
): Promise<Domain> {
  const { storage } = await openRepository(ctx, repositoryId);
  const { domainIds } = openedOf(ctx.db);
  if (domainIds.size >= DOMAINS_MAX) domainIds.clear();
  const id = await remembered(domainIds, `${repositoryId}/${tenantId}`, () => domainId(ctx, repositoryId, tenantId));
  return { id, repositoryId, tenantId, storage, prefix: domainPrefix(tenantId) };
}

export const domainPrefix = (tenantId: string): string => `t/${tenantId}/`;

async function open(ctx: RecordContext, repositoryId: string): Promise<OpenRepository> {
  const row = await ctx.db.prisma.repository.findUnique({ where: { id: repositoryId } });
  if (!row) throw notFound("repository");
  const storage = openFileStorage(row.path);
  const identity = await readIdentity(storage);
  if (identity?.id !== row.id)
    throw new TwincoreError(
      "unavailable",
      `The folder ${row.path} does not hold the repository "${row.name}". Is its disk mounted?`,
    );
  return { id: row.id, name: row.name, storage };
}

async function isReachable({ storage }: OpenRepository): Promise<boolean> {
  try {
    return (await storage.size(IDENTITY_KEY)) !== null;
  } catch {
    return false;
  }
}

async function domainId(ctx: RecordContext, repositoryId: string, tenantId: string): Promise<number> {
  const where = { repositoryId_tenantId: { repositoryId, tenantId } };
  const found = await ctx.db.prisma.recordDomain.findUnique({ where });
  if (found) return found.id;
  // Two first captures of a tenant may come here at once; the second must find the row of the first.
  await ctx.db.prisma.recordDomain.createMany({ data: [{ repositoryId, tenantId }], skipDuplicates: true });
  return (await ctx.db.prisma.recordDomain.findUniqueOrThrow({ where })).id;
}

/** A failure is not remembered: the next caller tries again. */
function remembered<T>(cache: Map<string, Promise<T>>, key: string, make: () => Promise<T>): Promise<T> {
  const known = cache.get(key);
  if (known) return known;
  const made = make();
  cache.set(key, made);
  made.catch(() => cache.delete(key));
  return made;
}
