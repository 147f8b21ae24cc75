import "server-only";
import type { EngineContext } from "@/lib/engine/context";
import { guard } from "@/lib/engine/protection/guard";
import { getVolumeImage } from "@/lib/engine/volume-images";
import { TwincoreError } from "@/lib/errors";
import { deleteRecoveryPoint } from "./delete";

/**
 * Deletes a volume image by deleting its recovery point, where it is the only one in it: a recovery point goes as a whole or not at all. Throws
 * `not_found`, and `conflict` (detail "in-use") when other images are in the point, when it is locked, or while it is being restored. Protected.
 */
export async function deleteVolumeImage(ctx: EngineContext, input: { id: string; tenantId: string }): Promise<void> {
  const image = await getVolumeImage(ctx, input);
  if (image.siblings > 1)
    throw inUse(
      `This image is one of ${image.siblings} of the recovery point "${image.name}", which goes as a whole: delete that in the dashboard.`,
    );
  if (image.locked) throw inUse("This recovery point is locked, so it is not deleted. Unlock it first.");
  if (image.state === "restoring") throw inUse("A restore of it goes on. Wait for its end.");
  await guard(ctx, {
    action: "volume-image.delete",
    subject: { kind: "recovery-point", id: image.recoveryPointId },
    title: `Delete the recovery point "${image.name}" of "${image.agent.name}", made ${image.createdAt.slice(0, 16).replace("T", " ")} UTC.`,
    input: { id: input.id, tenantId: input.tenantId },
    tenantId: image.tenantId,
  });
  await deleteRecoveryPoint(ctx, { id: image.recoveryPointId });
}

const inUse = (message: string) => new TwincoreError("conflict", message, { detail: "in-use" });
