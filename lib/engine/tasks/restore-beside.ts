import "server-only";
import type { EngineContext } from "@/lib/engine/context";
import { getVolumeImage } from "@/lib/engine/volume-images";
import { notFound, TwincoreError } from "@/lib/errors";
import type { TaskReport } from "./schemas";
import { startRestore } from "./start-restore";

/**
 * Restores a volume image beside the place where its volume is read: nothing is ever overwritten. `resourceId` is what the caller says it goes
 * to: the volume or its agent. Throws `not_found`, and `conflict`: detail "restoring" while a restore of this recovery point goes on, "other-resource"
 * for another volume or agent, "in-place" when this core does not know a place (streams, replicas of other cores).
 */
export async function restoreBeside(
  ctx: EngineContext,
  input: { imageId: string; tenantId: string; resourceId: string | null },
): Promise<TaskReport & { destination: string }> {
  const image = await getVolumeImage(ctx, { id: input.imageId, tenantId: input.tenantId });
  if (input.resourceId !== null && input.resourceId !== image.volume.id && input.resourceId !== image.agent.id)
    throw refused(
      "other-resource",
      "An image is restored to its own volume only. Restore to another place in the dashboard.",
    );
  if (image.state === "restoring")
    throw refused("restoring", "A restore of this recovery point goes on. Wait for its end.");
  const volume = await ctx.db.prisma.volume.findUnique({ where: { id: image.volume.id }, select: { path: true } });
  if (!volume) throw notFound("volume");
  if (volume.path === null)
    throw refused(
      "in-place",
      `This core does not know a place of ${image.volume.name}. Restore to a path in the dashboard.`,
    );
  const moment = ctx.now().toISOString().replace(/\D/g, "");
  const destination = `${volume.path.replace(/\/+$/, "")}.restored-${moment}-${image.id.slice(-8)}`;
  const task = await startRestore(ctx, { recoveryPointId: image.recoveryPointId, imageId: image.id, destination });
  return { ...task, destination };
}

const refused = (detail: string, message: string) => new TwincoreError("conflict", message, { detail });
