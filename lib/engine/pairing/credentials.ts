import "server-only";
import type { EngineContext } from "@/lib/engine/context";
import { assertSpoken, findCore, isSpoken } from "@/lib/engine/core";
import { findKey } from "@/lib/engine/trust/sealed-keys";
import { conflict, notFound, TwincoreError } from "@/lib/errors";
import type { PeerCredentials } from "./gateway";
import { sealedKeyName } from "./internal";

/** How this core, as source, reaches the target of an established pairing. Throws not_found, and conflict when the pairing is not established or the target speaks no protocol of ours. */
export async function getPeerCredentials(ctx: EngineContext, input: { pairingId: string }): Promise<PeerCredentials> {
  const pairing = await ctx.db.prisma.pairing.findUnique({
    where: { id: input.pairingId },
    select: { side: true, state: true, peerName: true, peerProtocol: true },
  });
  if (pairing?.side !== "source") throw notFound("pairing");
  if (pairing.state !== "established") throw conflict(`The pairing with the other core is ${pairing.state}.`);
  if (!isSpoken(pairing.peerProtocol)) assertSpoken({ ownName: (await findCore(ctx)).name, ...pairing });
  return loadCredentials(ctx, input.pairingId);
}

/** The same in any state: a request polls with them, an ended pairing says goodbye with them. */
export async function loadCredentials(ctx: EngineContext, pairingId: string): Promise<PeerCredentials> {
  const { prisma } = ctx.db;
  const pairing = await prisma.pairing.findUnique({
    where: { id: pairingId },
    select: { peerUrl: true, peerCaPem: true },
  });
  const key = await findKey(prisma, ctx.secret, sealedKeyName(pairingId));
  if (!pairing?.peerUrl || !pairing.peerCaPem || !key?.certificatePem)
    throw new TwincoreError("not_found", "This core has no key for that pairing any more.");
  return { url: pairing.peerUrl, ca: pairing.peerCaPem, key: key.privatePem, cert: key.certificatePem };
}
