import "server-only";
import type { Tx } from "@/lib/db/client";
import type { Volume } from "@/prisma/generated/client";

/**
 * Leaves a volume's images where they are, under a name and an id of their own, so that the volume itself may go elsewhere or be
 * removed. Without images there is nothing to leave.
 */
export async function leaveHistory(tx: Tx, volume: Volume, at: Date): Promise<void> {
  if ((await tx.volumeImage.count({ where: { volumeId: volume.id } })) === 0) return;
  const { agentId, name, kind, description } = volume;
  const history = await tx.volume.create({
    data: { agentId, name: crypto.randomUUID(), kind, description, removedAt: at },
  });
  await tx.volume.update({ where: { id: history.id }, data: { name: `${name} (${history.id.slice(-8)})` } });
  await tx.volumeImage.updateMany({ where: { volumeId: volume.id }, data: { volumeId: history.id } });
}
