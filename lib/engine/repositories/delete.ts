import "server-only";
import type { Tx } from "@/lib/db/client";
import { withTransaction } from "@/lib/db/transaction";
import { writeAudit } from "@/lib/engine/audit";
import type { EngineContext } from "@/lib/engine/context";
import { emitEvent } from "@/lib/engine/events/emit";
import { notFound, TwincoreError } from "@/lib/errors";

/** Removing the index of a repository that once held millions of records is one statement. */
const REMOVAL_MS = 600_000;

/**
 * This core forgets a repository that nothing is in and nothing goes to; its folder stays as it is. Throws `not_found`, and `conflict` (detail
 * "in-use") that says what still needs it.
 */
export async function deleteRepository(ctx: EngineContext, { id }: { id: string }): Promise<void> {
  await withTransaction(
    ctx.db,
    async (tx) => {
      // Rows that are to refer to it wait here, and then find it gone.
      const held = await tx.$queryRaw<{ name: string }[]>`
        select name from repository where id = ${id}::uuid for update`;
      if (!held[0]) throw notFound("repository");
      await assertUnused(tx, id, held[0].name);
      await removeRows(tx, id);
      await writeAudit(tx, ctx, "repository.delete", id, { name: held[0].name });
      await emitEvent(tx, "repository", id);
    },
    REMOVAL_MS,
  );
}

async function assertUnused(tx: Tx, repositoryId: string, name: string): Promise<void> {
  const where = { repositoryId };
  const reasons = [
    [await tx.recoveryPoint.count({ where }), "recovery points are in it"],
    [await tx.agent.count({ where }), "agents have their recovery points go to it"],
    [await tx.pairingAgent.count({ where }), "agents of other cores were let in to it"],
    [await tx.enrolmentToken.count({ where }), "enrolment tokens lead to it"],
    [await tx.orphanedImage.count({ where }), "orphaned images are in it"],
    [
      await tx.syncSession.count({ where: { ...where, state: { in: ["queued", "running"] } } }),
      "repository syncs of it go on",
    ],
  ] as const;
  const [used] = reasons.filter(([count]) => count > 0);
  if (used)
    throw new TwincoreError("conflict", `The repository "${name}" is in use: ${used[0]} ${used[1]}.`, {
      detail: "in-use",
    });
}

async function removeRows(tx: Tx, repositoryId: string): Promise<void> {
  await tx.$executeRaw`
    delete from record using record_domain
    where record.domain_id = record_domain.id and record_domain.repository_id = ${repositoryId}::uuid`;
  await tx.pack.deleteMany({ where: { domain: { repositoryId } } });
  await tx.recordDomain.deleteMany({ where: { repositoryId } });
  await tx.repository.delete({ where: { id: repositoryId } });
}
