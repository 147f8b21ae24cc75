import "server-only";
import type { EngineContext } from "@/lib/engine/context";
import { openRepository } from "@/lib/engine/repositories";
import { TwincoreError, toTwincoreError } from "@/lib/errors";
import { type PeerCall, peerOf } from "./caller";
import { ownIntroduction } from "./internal";
import type { PeerRepositories, PeerRepository, RemoteCoreSummaryInfo, RemoteCoreSummaryInfos } from "./peer-schemas";

/** Sources of one core; the answer of a core with more of them is cut there. */
const CORES_MAX = 10_000;

/** GetCoreSummaryInfo, on the target. */
export function getCoreSummaryInfo(ctx: EngineContext, _input: object): Promise<RemoteCoreSummaryInfo> {
  return ownIntroduction(ctx);
}

/** GetCoreId: this core's id for anyone; with credentials only for an administrator, so that a client can test them. */
export async function getCoreId(
  ctx: EngineContext,
  input: { useCredentials: boolean },
  { caller }: PeerCall,
): Promise<string> {
  if (input.useCredentials) assertAdministrator(caller);
  return (await ownIntroduction(ctx)).id;
}

/** Throws unauthenticated for a caller without name and password of an administrator of this core. */
export function assertAdministrator({ administrator }: PeerCall["caller"]): void {
  if (!administrator)
    throw new TwincoreError(
      "unauthenticated",
      "With useCredentials=true this asks for an administrator of this core: send name and password by Basic.",
    );
}

/** GetRemoteMasterCoresForDemand: the cores that are paired with this one as its sources. Whoever asks is an administrator here. */
export async function getRemoteMasterCores(ctx: EngineContext, _input: object): Promise<RemoteCoreSummaryInfos> {
  const rows = await ctx.db.prisma.pairing.findMany({
    where: { side: "target", state: "established", peerCoreId: { not: null } },
    select: { peerCoreId: true, peerName: true, peerVersion: true, peerProtocol: true },
    distinct: ["peerCoreId"],
    orderBy: [{ peerCoreId: "asc" }, { id: "desc" }],
    take: CORES_MAX,
  });
  const cores = rows.map(({ peerCoreId, peerName, peerVersion, peerProtocol }) => {
    const [_Major = 0, _Minor = 0, _Build = 0] = (peerVersion ?? "").split(".").map(Number);
    const version = { _Major, _Minor, _Build, _Revision: 0 };
    return {
      // Only cores with an id were asked for.
      id: peerCoreId ?? "",
      hostName: peerName,
      isReplicationOnlyRepositorySupported: false,
      version,
      protocolVersion: peerProtocol ?? undefined,
    };
  });
  return { cores };
}

/** GetRepositories, on the target: only those that hold the caller's agents, or would take them; others do not exist for it. */
export async function getPeerRepositories(ctx: EngineContext, _input: object): Promise<PeerRepositories> {
  const { pairingId } = peerOf(ctx);
  const rows = await ctx.db.prisma.repository.findMany({
    where: { OR: [{ agents: { some: { pairingId } } }, { acceptingPairings: { some: { id: pairingId } } }] },
    select: { id: true, name: true },
    orderBy: { name: "asc" },
  });
  const repositories = rows.map(async ({ id, name }) => ({
    id,
    spec: { name, comment: "" },
    ...(await spaceOf(ctx, id)),
  }));
  return { repositories: await Promise.all(repositories) };
}

/** A disk that is away has no space; where it should be is nobody else's business. */
async function spaceOf(ctx: EngineContext, id: string): Promise<Omit<PeerRepository, "id" | "spec">> {
  try {
    const { storage } = await openRepository(ctx, id);
    const { freeBytes, totalBytes } = await storage.space();
    return { free: freeBytes, size: totalBytes, status: "Mounted", repositoryMaintenanceState: "Ok" };
  } catch (error) {
    ctx.log.warn({ repositoryId: id, error: toTwincoreError(error).message }, "a repository cannot be reached");
    return { free: 0, size: 0, status: "Error", repositoryMaintenanceState: "Error" };
  }
}
