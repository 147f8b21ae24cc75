import "server-only";
import { randomUUID } from "node:crypto";
import { withTransaction } from "@/lib/db/transaction";
import { writeAudit } from "@/lib/engine/audit";
import type { EngineContext } from "@/lib/engine/context";
import { conflict, notFound } from "@/lib/errors";
import { queueStatement } from "./queue";
import type { SentStatement } from "./schemas";

/** Sends a final statement to its tenant's addresses once more. Throws not_found, conflict for a draft and where there is no address. */
export async function sendStatement(ctx: EngineContext, { id }: { id: string }): Promise<SentStatement> {
  const targets = await withTransaction(ctx.db, async (tx) => {
    const statement = await tx.statement.findUnique({ where: { id } });
    if (!statement) throw notFound("statement");
    if (statement.state !== "final")
      throw conflict("A draft is not sent: its figures may still change. Finalise it first.", "wrong-state");
    const addresses = await queueStatement(tx, ctx, statement, randomUUID());
    if (addresses.length === 0)
      throw conflict("The tenant has no e-mail addresses for statements. Enter them on its page.", "no-address");
    await writeAudit(tx, ctx, "statement.send", id, { tenant: statement.tenantName, to: [...addresses] });
    return addresses;
  });
  await ctx.enqueue("deliver", {}, { key: "all" });
  return { targets: [...targets] };
}
