import "server-only";
import type { EngineContext } from "@/lib/engine/context";
import { findCore } from "@/lib/engine/core";
import { TwincoreError } from "@/lib/errors";

/** More than these no list of regions shows. */
const REGIONS_MAX = 1000;

/** A core that this one sends to, as the destination of a replication. */
export interface Region {
  readonly pairingId: string;
  /** null: it has not said it yet. */
  readonly coreId: string | null;
  readonly name: string;
}

/** This core's name, and the cores that it sends to by name: what is known here, without asking any of them. */
export async function listRegions(ctx: EngineContext): Promise<{ name: string; destinations: Region[] }> {
  const [core, rows] = await Promise.all([
    findCore(ctx),
    ctx.db.prisma.pairing.findMany({
      where: { side: "source", state: "established" },
      select: { id: true, peerCoreId: true, peerName: true },
      orderBy: [{ peerName: "asc" }, { id: "asc" }],
      take: REGIONS_MAX,
    }),
  ]);
  const toRegion = (row: (typeof rows)[number]) => ({ pairingId: row.id, coreId: row.peerCoreId, name: row.peerName });
  return { name: core.name, destinations: rows.map(toRegion) };
}

/**
 * The core of this name, or of this id, that this one sends to. Throws `conflict`: detail "unknown-region" when there is none, "ambiguous-region" when
 * two have the name: then its id says which.
 */
export async function findRegion(ctx: EngineContext, { region }: { region: string }): Promise<Region> {
  const { destinations } = await listRegions(ctx);
  const wanted = region.toLowerCase();
  const found = destinations.filter(
    ({ coreId, name }) => name.toLowerCase() === wanted || coreId === wanted || coreId?.replaceAll("-", "") === wanted,
  );
  if (found.length > 1)
    throw new TwincoreError("conflict", `More than one core is called "${region}". Name it by its id.`, {
      detail: "ambiguous-region",
    });
  if (!found[0])
    throw new TwincoreError("conflict", `This core does not replicate to "${region}". Pair it with that core first.`, {
      detail: "unknown-region",
    });
  return found[0];
}

/** As many are told in the answer to one call; each record is in its own list. */
const PAIRS_MAX = 100_000;

/** Which record follows which image of a vault replication, in the order in which they go. */
export function listRecordIds(
  ctx: EngineContext,
  { vaultReplicationId }: { vaultReplicationId: string },
): Promise<{ id: string; imageId: string }[]> {
  return ctx.db.prisma.replicationRecord.findMany({
    where: { vaultReplicationId },
    select: { id: true, imageId: true },
    orderBy: { id: "asc" },
    take: PAIRS_MAX,
  });
}
