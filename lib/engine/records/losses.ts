import "server-only";
import type { Tx } from "@/lib/db/client";
import type { Domain } from "@/lib/engine/repositories/open";
import { integrity } from "@/lib/errors";

/** How often records of the domain left the index: to be read before a look at them, and given to `holdRecords` after it. */
export async function lossesOf(tx: Tx, { id }: Pick<Domain, "id">): Promise<number> {
  return (await tx.recordDomain.findUniqueOrThrow({ where: { id }, select: { losses: true } })).losses;
}

/** Did records leave the index whose points were not looked at since? A committed image proves nothing then. */
export async function isSuspect(tx: Tx, { id }: Pick<Domain, "id">): Promise<boolean> {
  const { losses, lossesChecked } = await tx.recordDomain.findUniqueOrThrow({ where: { id } });
  return losses > lossesChecked;
}

/** No record leaves the index until the transaction ends. Throws `integrity` when some did since `losses` was read. */
export async function holdRecords(tx: Tx, domain: Pick<Domain, "id">, losses: number): Promise<void> {
  await tx.$executeRaw`select 1 from record_domain where id = ${domain.id} for share`;
  if ((await lossesOf(tx, domain)) !== losses)
    throw integrity("Records of this repository were lost meanwhile. Run it again: only they are read or sent.");
}
