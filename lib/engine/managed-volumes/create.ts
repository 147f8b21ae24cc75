import "server-only";
import { randomUUID } from "node:crypto";
import { withTransaction } from "@/lib/db/transaction";
import { toVolume } from "@/lib/engine/agents/convert";
import type { Volume } from "@/lib/engine/agents/schemas";
import { writeAudit } from "@/lib/engine/audit";
import type { EngineContext } from "@/lib/engine/context";
import { emitEvent } from "@/lib/engine/events/emit";
import { raiseMetadataVersion, wakeTargets } from "@/lib/engine/metadata/announce";
import { makeSparseFile, managedFile, removeFile } from "./files";
import { assertVolumeNameIsFree, lockLedAgent } from "./internal";
import { CreateManagedVolumeInput } from "./schemas";

/**
 * Adds a disk image that this core keeps itself: an empty, sparse file below its home, of the declared size. The file is durable
 * before the row points at it; a crash in between leaves an empty file of no size. Throws `not_found`, `invalid_input`, `conflict`
 * ("exists", "wrong-side", "wrong-state").
 */
export async function createManagedVolume(ctx: EngineContext, input: CreateManagedVolumeInput): Promise<Volume> {
  const { agentId, name, sizeBytes, description } = CreateManagedVolumeInput.parse(input);
  const id = randomUUID();
  const file = managedFile(ctx, id);
  await makeSparseFile(file, sizeBytes);
  try {
    const volume = await withTransaction(ctx.db, async (tx) => {
      const agent = await lockLedAgent(tx, agentId);
      await assertVolumeNameIsFree(tx, agent, name);
      const data = { id, agentId, name, description, kind: "image" as const, path: file };
      const made = await tx.volume.create({ data: { ...data, managedBytes: BigInt(sizeBytes), createdAt: ctx.now() } });
      await raiseMetadataVersion(tx, agentId);
      await writeAudit(tx, ctx, "volume.create", id, { agentId, name, sizeBytes });
      await emitEvent(tx, "agent", agentId);
      return made;
    });
    await wakeTargets(ctx, agentId);
    return toVolume(volume);
  } catch (error) {
    // The answer of a commit may have been lost: a file that a row points at stays.
    if ((await ctx.db.prisma.volume.count({ where: { id } })) === 0) await removeFile(file);
    throw error;
  }
}
