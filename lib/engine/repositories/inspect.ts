import "server-only";
import { readdir } from "node:fs/promises";
import path from "node:path";
import type { EngineContext } from "@/lib/engine/context";
import { systemCode, toTwincoreError } from "@/lib/errors";
import { openFileStorage } from "@/lib/storage/fs";
import { findRootFolder } from "@/lib/storage/fs-root";
import { readIdentity } from "./identity";
import type { FolderInspection, InspectFolderInput } from "./schemas";

/** Says what a folder of this machine could become, before anybody decides. Changes nothing. */
export async function inspectFolder(ctx: EngineContext, input: InspectFolderInput): Promise<FolderInspection> {
  if (!path.isAbsolute(input.path)) return other("Give the whole path of the folder, beginning with a slash.");
  const given = path.resolve(input.path);
  if (!(await isFolder(given))) return { kind: "free", reason: "", repository: null };
  try {
    const folder = await findRootFolder(given);
    const identity = await readIdentity(openFileStorage(folder));
    if (!identity) return other("");
    const repository = { id: identity.id, createdAt: identity.createdAt };
    const known = await ctx.db.prisma.repository.findUnique({ where: { id: identity.id }, select: { name: true } });
    if (known) return { kind: "used", reason: `This core has it already, as "${known.name}".`, repository };
    return { kind: "repository", reason: "", repository };
  } catch (error) {
    return other(toTwincoreError(error).message);
  }
}

/** Without an identity: what it holds is looked at when a repository is made in it. */
const other = (reason: string): FolderInspection => ({
  kind: reason === "" ? "free" : "other",
  reason,
  repository: null,
});

async function isFolder(folder: string): Promise<boolean> {
  try {
    await readdir(folder);
    return true;
  } catch (error) {
    return systemCode(error) !== "ENOENT";
  }
}
