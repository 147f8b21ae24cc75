import "server-only";
import type { EngineContext } from "@/lib/engine/context";
import { findCore } from "@/lib/engine/core";
import { withTarget } from "@/lib/engine/pairing/with-target";
import { keepRepositoryReport } from "@/lib/engine/usage/repository-reports";
import { toTwincoreError } from "@/lib/errors";
import type { Pairing } from "@/prisma/generated/client";
import type { ReplicationDestination, ReplicationDestinations } from "./schemas";

/** Each is asked over the network while somebody waits. */
const PAIRINGS_MAX = 200;
const AT_ONCE = 8;

/** What is needed to ask a core. */
type Asked = Pick<Pairing, "id" | "peerCoreId" | "peerName">;

/**
 * The cores that this one sends to, with the repositories that each offers. All are asked now, several at a time; of one that does
 * not answer, what it said last is given, and that it did not answer.
 */
export async function listReplicationDestinations(
  ctx: EngineContext,
  _input: object,
): Promise<ReplicationDestinations> {
  const [core, pairings] = await Promise.all([
    findCore(ctx),
    ctx.db.prisma.pairing.findMany({
      where: { side: "source", state: "established" },
      select: { id: true, peerCoreId: true, peerName: true },
      orderBy: [{ peerName: "asc" }, { id: "asc" }],
      take: PAIRINGS_MAX,
    }),
  ]);
  const destinations = new Map<string, ReplicationDestination>();
  const queue = [...pairings];
  const work = async () => {
    for (let pairing = queue.shift(); pairing; pairing = queue.shift())
      destinations.set(pairing.id, await askDestination(ctx, pairing));
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return {
    core: core,
    destinations: pairings.flatMap(({ id }) => destinations.get(id) ?? []),
  };
}

/** Asks one core for the repositories that it offers, and keeps the answer for times when it gives none. */
export async function askDestination(ctx: EngineContext, pairing: Asked): Promise<ReplicationDestination> {
  const core = { id: pairing.peerCoreId, name: pairing.peerName };
  try {
    const { repositories } = await withTarget(ctx, pairing.id, (target) => target.getRepositories());
    const told = repositories.map(({ id, spec, free, size }) => ({
      id,
      name: spec.name,
      bytesFree: free,
      bytesUsed: Math.max(0, size - free),
    }));
    await keepRepositoryReport(ctx, pairing.id, told);
    const at = ctx.now().toISOString();
    const offered = told.map(({ bytesFree, bytesUsed, ...rest }) => ({
      ...rest,
      freeBytes: bytesFree,
      usedBytes: bytesUsed,
      at,
    }));
    return { pairingId: pairing.id, core, reachable: true, message: null, repositories: offered };
  } catch (thrown) {
    const { message } = toTwincoreError(thrown);
    ctx.log.debug({ pairingId: pairing.id, message }, "a core was not heard about its repositories");
    return { pairingId: pairing.id, core, reachable: false, message, repositories: await lastTold(ctx, pairing.id) };
  }
}

async function lastTold(ctx: EngineContext, pairingId: string): Promise<ReplicationDestination["repositories"]> {
  const rows = await ctx.db.prisma.repositoryReport.findMany({
    where: { pairingId },
    distinct: ["repositoryId"],
    orderBy: [{ repositoryId: "asc" }, { at: "desc" }, { id: "desc" }],
  });
  return rows.map((row) => ({
    id: row.repositoryId,
    name: row.name,
    freeBytes: Number(row.bytesFree),
    usedBytes: Number(row.bytesUsed),
    at: row.at.toISOString(),
  }));
}
