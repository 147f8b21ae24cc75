import "server-only";
import type { Tx } from "@/lib/db/client";
import type { Prisma } from "@/prisma/generated/client";
import { actorName, type EngineContext } from "./context";

/** Writes who did what, in the transaction of the change itself. `detail` must hold no secret. */
export async function writeAudit(
  tx: Tx,
  ctx: EngineContext,
  action: string,
  subject: string,
  detail: Prisma.InputJsonObject = {},
): Promise<void> {
  await tx.auditEntry.create({ data: { actor: actorName(ctx.actor), action, subject, detail, at: ctx.now() } });
}
