import "server-only";
import { randomUUID } from "node:crypto";
import path from "node:path";
import { withTransaction } from "@/lib/db/transaction";
import { writeAudit } from "@/lib/engine/audit";
import type { EngineContext } from "@/lib/engine/context";
import { emitEvent } from "@/lib/engine/events/emit";
import { conflict, invalidInput, systemCode } from "@/lib/errors";
import { openFileStorage } from "@/lib/storage/fs";
import { makeRootFolder } from "@/lib/storage/fs-root";
import { getRepository } from "./get";
import { IDENTITY_KEY, writeIdentity } from "./identity";
import type { CreateRepositoryInput, RepositorySummary } from "./schemas";

/**
 * Makes a repository in a folder: the folder, its identity file, then the row. Throws `invalid_input` for a relative path,
 * `conflict` when the name is taken, or the folder is not empty or lies inside another repository (or the other way round).
 */
export async function createRepository(ctx: EngineContext, input: CreateRepositoryInput): Promise<RepositorySummary> {
  const name = input.name.trim();
  if (!path.isAbsolute(input.path))
    throw invalidInput("Give the whole path of the folder, beginning with a slash.", input.path);
  await assertFree(ctx, name, path.resolve(input.path));
  const folder = await makeRootFolder(path.resolve(input.path), IDENTITY_KEY);
  await assertFree(ctx, name, folder);
  const id = randomUUID();
  const storage = openFileStorage(folder);
  await writeIdentity(storage, id, ctx.now());
  try {
    await insertRow(ctx, id, name, folder);
  } catch (error) {
    // The folder shall not look like somebody's repository when it became nobody's.
    await storage.delete(IDENTITY_KEY);
    if (systemCode(error) === "P2002") throw conflict("There is a repository of this name or in this folder already.");
    throw error;
  }
  return getRepository(ctx, { id });
}

async function insertRow(ctx: EngineContext, id: string, name: string, folder: string): Promise<void> {
  await withTransaction(ctx.db, async (tx) => {
    await tx.repository.create({ data: { id, name, path: folder, createdAt: ctx.now() } });
    await writeAudit(tx, ctx, "repository.create", id, { name, path: folder });
    await emitEvent(tx, "repository", id);
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
