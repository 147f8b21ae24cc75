import "server-only";
import type { EngineContext } from "@/lib/engine/context";
import { assertSpoken, findCore, isSpoken } from "@/lib/engine/core";

/**
 * Notes which protocol the other core of a pairing says that it speaks; without a word, what it said last counts. Throws conflict
 * with detail "protocol" when this core does not speak it.
 */
export async function hearProtocol(ctx: EngineContext, pairingId: string, said: number | undefined): Promise<void> {
  const { prisma } = ctx.db;
  if (said !== undefined)
    await prisma.pairing.updateMany({
      where: { id: pairingId, OR: [{ peerProtocol: null }, { peerProtocol: { not: said } }] },
      data: { peerProtocol: said },
    });
  const pairing = await prisma.pairing.findUnique({
    where: { id: pairingId },
    select: { peerName: true, peerProtocol: true },
  });
  if (!pairing || isSpoken(pairing.peerProtocol)) return;
  const { name: ownName } = await findCore(ctx);
  assertSpoken({ ownName, ...pairing });
}
