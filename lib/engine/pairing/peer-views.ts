import "server-only";
import type { EngineContext } from "@/lib/engine/context";
import { openRepository } from "@/lib/engine/repositories";
import { toTwincoreError } from "@/lib/errors";
import { peerOf } from "./caller";
import { ownIntroduction } from "./internal";
import type { PeerRepositories, RemoteCoreSummaryInfo } from "./peer-schemas";

/** GetCoreSummaryInfo, on the target. */
export function getCoreSummaryInfo(ctx: EngineContext, _input: object): Promise<RemoteCoreSummaryInfo> {
  return ownIntroduction(ctx);
}

/** GetRepositories, on the target: only those that hold the caller's agents; others do not exist for it. */
export async function getPeerRepositories(ctx: EngineContext, _input: object): Promise<PeerRepositories> {
  const { pairingId } = peerOf(ctx);
  const rows = await ctx.db.prisma.repository.findMany({
    where: { agents: { some: { pairingId } } },
    select: { id: true, name: true },
    orderBy: { name: "asc" },
  });
  const repositories = rows.map(async ({ id, name }) => ({ id, name, ...(await spaceOf(ctx, id)) }));
  return { repositories: await Promise.all(repositories) };
}

/** A disk that is away has no space; where it should be is nobody else's business. */
async function spaceOf(ctx: EngineContext, id: string): Promise<{ free: number; size: number }> {
  try {
    const { storage } = await openRepository(ctx, id);
    const { freeBytes, totalBytes } = await storage.space();
    return { free: freeBytes, size: totalBytes };
  } catch (error) {
    ctx.log.warn({ repositoryId: id, error: toTwincoreError(error).message }, "a repository cannot be reached");
    return { free: 0, size: 0 };
  }
}
