import "server-only";
import type { Tx } from "@/lib/db/client";
import { withTransaction } from "@/lib/db/transaction";
import { writeAudit } from "@/lib/engine/audit";
import type { EngineContext } from "@/lib/engine/context";
import { emitEvent } from "@/lib/engine/events/emit";
import { raiseMetadataVersion, wakeTargets } from "@/lib/engine/metadata/announce";
import { conflict, notFound, systemCode } from "@/lib/errors";
import { checkVolume } from "./check-volume";
import { toVolume } from "./convert";
import { assertCurrent, withLeadPairing } from "./led";
import type { Volume, VolumeInput } from "./schemas";

/**
 * Adds a volume. One of the same name and kind that came from another core, which was current before a failover, gets its place on
 * this machine: its history goes on. Throws `not_found`, `invalid_input` for a path that cannot be read,
 * `conflict` for a name that is taken or a replicated agent.
 */
export async function addVolume(ctx: EngineContext, input: { agentId: string } & VolumeInput): Promise<Volume> {
  const agent = await ctx.db.prisma.agent.findUnique({ where: { id: input.agentId }, include: withLeadPairing });
  if (!agent) throw notFound("agent");
  assertCurrent(agent);
  const columns = await checkVolume(ctx, input);
  try {
    const added = await withTransaction(ctx.db, async (tx) => {
      await raiseMetadataVersion(tx, agent.id);
      const volume =
        (await placeVolume(tx, agent.id, columns)) ??
        (await tx.volume.create({ data: { ...columns, agentId: agent.id, createdAt: ctx.now() } }));
      await writeAudit(tx, ctx, "agent.add-volume", agent.id, { volumeId: volume.id, name: volume.name });
      await emitEvent(tx, "agent", agent.id);
      return toVolume(volume);
    });
    await wakeTargets(ctx, agent.id);
    return added;
  } catch (error) {
    if (systemCode(error) === "P2002") throw conflict(`${agent.name} has a volume named ${columns.name} already.`);
    throw error;
  }
}

type Columns = Awaited<ReturnType<typeof checkVolume>>;

/** null: there is none that lacks a place here. */
async function placeVolume(tx: Tx, agentId: string, { name, kind, ...place }: Columns) {
  if (kind === "stream") return null;
  const [placed] = await tx.volume.updateManyAndReturn({
    where: { agentId, name, kind, path: null, managedBytes: null, removedAt: null },
    data: place,
  });
  return placed ?? null;
}
