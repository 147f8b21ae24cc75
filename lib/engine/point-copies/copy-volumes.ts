import "server-only";
import type { Tx } from "@/lib/db/client";
import type { Volume } from "@/prisma/generated/client";

type Copied = Pick<Volume, "name" | "kind" | "excludes" | "description" | "managedBytes">;

/**
 * Volumes of `agentId` that correspond to these, by name; missing ones are made. Their paths are not copied: what is read from
 * them belongs to the machine itself.
 */
export async function copyVolumes(tx: Tx, agentId: string, volumes: readonly Copied[]): Promise<Map<string, Volume>> {
  await tx.volume.createMany({
    data: volumes.map(({ name, kind, excludes, description, managedBytes }) => ({
      agentId,
      name,
      kind,
      excludes,
      description,
      managedBytes,
    })),
    skipDuplicates: true,
  });
  const made = await tx.volume.findMany({ where: { agentId, name: { in: volumes.map(({ name }) => name) } } });
  return new Map(made.map((volume) => [volume.name, volume]));
}
