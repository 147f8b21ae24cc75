import "server-only";
import { randomUUID } from "node:crypto";
import path from "node:path";
import { withTransaction } from "@/lib/db/transaction";
import { writeAudit } from "@/lib/engine/audit";
import type { EngineContext } from "@/lib/engine/context";
import { emitEvent } from "@/lib/engine/events/emit";
import { startSync } from "@/lib/engine/sync-sessions/start";
import { conflict, invalidInput, systemCode } from "@/lib/errors";
import { openFileStorage } from "@/lib/storage/fs";
import { findRootFolder, makeRootFolder } from "@/lib/storage/fs-root";
import { getRepository } from "./get";
import { IDENTITY_KEY, readIdentity, writeIdentity } from "./identity";
import type { CreateRepositoryInput, RepositorySummary } from "./schemas";

/**
 * Makes a repository in a folder, one in the core's home when none is named: the folder, its identity file, then the row. With
 * `attach` it takes over a folder that is a repository already, and starts the sync that lists what lies in it. Throws
 * `invalid_input` for a relative path, or one that is no repository where it should be; `conflict` when the name or the repository
 * is taken, or the folder is not empty or lies inside another repository (or the other way round).
 */
export async function createRepository(ctx: EngineContext, input: CreateRepositoryInput): Promise<RepositorySummary> {
  const name = input.name.trim();
  const description = input.description ?? "";
  const id = randomUUID();
  const wanted = input.path ?? ownFolder(ctx, id);
  if (!path.isAbsolute(wanted))
    throw invalidInput("Give the whole path of the folder, beginning with a slash.", wanted);
  await assertFree(ctx, name, path.resolve(wanted));
  return input.attach ? attach(ctx, { name, description }, wanted) : make(ctx, { id, name, description }, wanted);
}

/** Where a repository lies of which nobody said where. */
function ownFolder({ home }: EngineContext, id: string): string {
  if (home) return path.join(home, "repositories", id);
  throw invalidInput("Give the folder of the repository: this core has no home of its own to put it.");
}

interface NewRepository {
  readonly id: string;
  readonly name: string;
  readonly description: string;
}

async function make(ctx: EngineContext, wanted: NewRepository, given: string): Promise<RepositorySummary> {
  const { id, name } = wanted;
  const folder = await makeRootFolder(path.resolve(given), IDENTITY_KEY);
  await assertFree(ctx, name, folder);
  const storage = openFileStorage(folder);
  await writeIdentity(storage, id, ctx.now());
  try {
    await insertRow(ctx, { ...wanted, path: folder, createdAt: ctx.now() }, "repository.create");
  } catch (error) {
    // The folder shall not look like somebody's repository when it became nobody's.
    await storage.delete(IDENTITY_KEY);
    if (systemCode(error) === "P2002") throw conflict("There is a repository of this name or in this folder already.");
    throw error;
  }
  return getRepository(ctx, { id });
}

/** Nothing in the folder is changed, so a failure leaves nothing behind. */
async function attach(
  ctx: EngineContext,
  wanted: Omit<NewRepository, "id">,
  given: string,
): Promise<RepositorySummary> {
  const folder = await findRootFolder(path.resolve(given));
  await assertFree(ctx, wanted.name, folder);
  const identity = await readIdentity(openFileStorage(folder));
  if (!identity)
    throw invalidInput(`${folder} is no repository: it has no ${IDENTITY_KEY}. Make a repository there instead.`);
  const row = { ...wanted, id: identity.id, path: folder, createdAt: new Date(identity.createdAt), isOutOfSync: true };
  try {
    await insertRow(ctx, row, "repository.attach");
  } catch (error) {
    if (systemCode(error) === "P2002") throw conflict("This core has this repository already, here or in a copy.");
    throw error;
  }
  await startSync(ctx, { repositoryId: row.id });
  return getRepository(ctx, { id: row.id });
}

interface NewRow extends NewRepository {
  path: string;
  createdAt: Date;
  isOutOfSync?: boolean;
}

async function insertRow(ctx: EngineContext, row: NewRow, action: string): Promise<void> {
  await withTransaction(ctx.db, async (tx) => {
    await tx.repository.create({ data: row });
    await writeAudit(tx, ctx, action, row.id, { name: row.name, path: row.path });
    await emitEvent(tx, "repository", row.id);
  });
}

/** Repositories are made by hand, some dozens: looking at all of them is cheap. */
async function assertFree(ctx: EngineContext, name: string, folder: string): Promise<void> {
  for (const other of await ctx.db.prisma.repository.findMany({ select: { name: true, path: true } })) {
    if (other.name === name) throw conflict(`There is a repository named "${name}" already.`);
    if (contains(other.path, folder) || contains(folder, other.path))
      throw conflict(`This folder and that of the repository "${other.name}" lie inside each other.`);
  }
}

const contains = (outer: string, inner: string): boolean =>
  inner === outer || inner.startsWith(`${outer.replace(/\/$/, "")}/`);
