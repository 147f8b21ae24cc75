import "server-only";
import { withTransaction } from "@/lib/db/transaction";
import { writeAudit } from "@/lib/engine/audit";
import type { EngineContext } from "@/lib/engine/context";
import { conflict, notFound } from "@/lib/errors";
import { endFile } from "./end";

/** Cancels the sending of a file; what is being sent stops at its next piece. Throws `not_found`, and `conflict` when it has ended. */
export async function cancelOutgoingFile(ctx: EngineContext, input: { id: string }): Promise<Record<string, never>> {
  await withTransaction(ctx.db, async (tx) => {
    const row = await tx.outgoingFile.findUnique({ where: { id: input.id } });
    if (!row) throw notFound("file on its way");
    if (row.state === "cancelled") return;
    if (row.endedAt) throw conflict(`The sending of this file has ended already (${row.state}).`);
    await writeAudit(tx, ctx, "file.cancel", row.id, { fileName: row.fileName });
  });
  await endFile(ctx, input.id, { state: "cancelled" });
  return {};
}
