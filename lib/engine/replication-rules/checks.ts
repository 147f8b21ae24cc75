import "server-only";
import type { Tx } from "@/lib/db/client";
import { conflict, notFound } from "@/lib/errors";

/** Throws `conflict` ("exists"). Under the lock of the policies nobody takes the name in between. */
export async function assertNameIsFree(tx: Tx, name: string, ownId?: string): Promise<void> {
  const taken = await tx.replicationRule.findUnique({ where: { name }, select: { id: true } });
  if (taken && taken.id !== ownId)
    throw conflict(`There is a replication rule named "${name}" already. Choose another name.`, "exists");
}

/** Throws `not_found`, `conflict` ("wrong-side", "wrong-state") unless this core may replicate over the pairing. */
export async function assertPairingSends(tx: Tx, pairingId: string): Promise<void> {
  const pairing = await tx.pairing.findUnique({ where: { id: pairingId } });
  if (!pairing) throw notFound("pairing");
  if (pairing.side !== "source")
    throw conflict(
      `${pairing.peerName} replicates to this core, not the other way. Pair this core with it as a source first.`,
      "wrong-side",
    );
  if (pairing.state !== "established")
    throw conflict(`The pairing with ${pairing.peerName} is not established.`, "wrong-state");
}
