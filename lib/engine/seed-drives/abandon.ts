import "server-only";
import { withTransaction } from "@/lib/db/transaction";
import { writeAudit } from "@/lib/engine/audit";
import type { EngineContext } from "@/lib/engine/context";
import { emitEvent } from "@/lib/engine/events/emit";
import { deleteKeys } from "@/lib/engine/trust/sealed-keys";
import { conflict } from "@/lib/errors";
import { lockDrive } from "./begin-task";
import { identityName } from "./identity";
import { getSeedDrive } from "./list";
import type { SeedDriveSummary } from "./schemas";

/**
 * Gives a drive up. Source: it is not written any further and not waited for; its files stay where they lie and replication
 * sends what they hold. Target: what was taken over stays; points that lack records are left to replication. Throws `conflict`
 * for a drive that was consumed. May be repeated.
 */
export async function abandonSeedDrive(ctx: EngineContext, { id }: { id: string }): Promise<SeedDriveSummary> {
  await withTransaction(ctx.db, async (tx) => {
    const drive = await lockDrive(tx, id);
    if (drive.state === "abandoned") return;
    if (drive.state === "consumed") throw conflict("This seed drive was consumed; there is nothing left to give up.");
    await tx.seedDrive.update({ where: { id }, data: { state: "abandoned" } });
    await tx.task.updateMany({
      where: { seedDriveId: id, state: { in: ["queued", "running"] }, cancelRequestedAt: null },
      data: { cancelRequestedAt: ctx.now() },
    });
    await tx.seedDriveRecord.deleteMany({ where: { seedDriveId: id } });
    await deleteKeys(tx, [identityName(id)]);
    await writeAudit(tx, ctx, "seed-drive.abandon", id, { side: drive.side });
    await emitEvent(tx, "seed-drive", id);
  });
  return getSeedDrive(ctx, { id });
}
