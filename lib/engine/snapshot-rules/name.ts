import "server-only";
import type { Tx } from "@/lib/db/client";
import { conflict } from "@/lib/errors";

/** Throws `conflict` ("exists"). Under the lock of the policies nobody takes the name in between. */
export async function assertNameIsFree(tx: Tx, name: string, ownId?: string): Promise<void> {
  const taken = await tx.snapshotRule.findUnique({ where: { name }, select: { id: true } });
  if (taken && taken.id !== ownId)
    throw conflict(`There is a snapshot rule named "${name}" already. Choose another name.`, "exists");
}
