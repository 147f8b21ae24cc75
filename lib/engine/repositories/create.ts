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
 * Makes a repository in a folder, one in the core's home when none is named: the folder, its identity file, then the row. Throws `invalid_input` for a relative path,
 * `conflict` when the name is taken, or the folder is not empty or lies inside another repository (or the other way round).
 */
export async function createRepository(ctx: EngineContext, input: CreateRepositoryInput): Promise<RepositorySummary> {
  const name = input.name.trim();
  const id = randomUUID();
  const wanted = input.path ?? ownFolder(ctx, id);
  if (!path.isAbsolute(wanted))
    throw invalidInput("Give the whole path of the folder, beginning with a slash.", wanted);
  await assertFree(ctx, name, path.resolve(wanted));
  const folder = await makeRootFolder(path.resolve(wanted), IDENTITY_KEY);
  await assertFree(ctx, name, folder);
  const storage = openFileStorage(folder);
  await writeIdentity(storage, id, ctx.now());
  try {
    await insertRow(ctx, { id, name, path: folder, description: input.description ?? "" });
  } catch (error) {
    // The folder shall not look like somebody's repository when it became nobody's.
    await storage.delete(IDENTITY_KEY);
    if (systemCode(error) === "P2002") throw conflict("There is a repository of this name or in this folder already.");
    throw error;
  }
  return getRepository(ctx, { id });
}

/** Where a repository lies of which nobody said where. */
function ownFolder({ home }: EngineContext, id: string): string {
  if (home) return path.join(home, "repositories", id);
  throw invalidInput("Give the folder of the repository: this core has no home of its own to put it.");
}

async function insertRow(
  ctx: EngineContext,
  row: { id: string; name: string; path: string; description: string },
): Promise<void> {
  await withTransaction(ctx.db, async (tx) => {
    await tx.repository.create({ data: { ...row, createdAt: ctx.now() } });
    await writeAudit(tx, ctx, "repository.create", row.id, { name: row.name, path: row.path });
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
