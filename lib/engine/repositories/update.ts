import "server-only";
import { withTransaction } from "@/lib/db/transaction";
import { writeAudit } from "@/lib/engine/audit";
import type { EngineContext } from "@/lib/engine/context";
import { emitEvent } from "@/lib/engine/events/emit";
import { conflict, notFound, systemCode } from "@/lib/errors";
import { getRepository } from "./get";
import type { RepositoryDetail, UpdateRepositoryInput } from "./schemas";

/** Renames a repository, or says something else of it; what is absent stays. Throws `not_found`, `conflict` for a taken name. */
export async function updateRepository(
  ctx: EngineContext,
  { id, name, description }: UpdateRepositoryInput,
): Promise<RepositoryDetail> {
  const changes = { ...(name === undefined ? {} : { name }), ...(description === undefined ? {} : { description }) };
  try {
    await withTransaction(ctx.db, async (tx) => {
      const { count } = await tx.repository.updateMany({ where: { id }, data: changes });
      if (count === 0) throw notFound("repository");
      await writeAudit(tx, ctx, "repository.update", id, changes);
      await emitEvent(tx, "repository", id);
    });
  } catch (error) {
    if (systemCode(error) === "P2002") throw conflict(`There is a repository named "${name}" already.`);
    throw error;
  }
  return getRepository(ctx, { id });
}
