import "server-only";
import type { EngineContext } from "@/lib/engine/context";
import { getPeerCredentials } from "@/lib/engine/pairing";
import { noteClock } from "@/lib/engine/pairing/clock";
import { type PeerClient, peerClient } from "./client";

/** A client of the target of an established pairing, with the certificate of this moment. Close it when done. Throws not_found or conflict. */
export async function connectPeer(ctx: EngineContext, pairingId: string): Promise<PeerClient> {
  const { url, key, cert, ca } = await getPeerCredentials(ctx, { pairingId });
  return peerClient({ baseUrl: url, tls: { key, cert, ca }, ...clockOf(ctx, pairingId) });
}

/** What a client of this pairing does with the other core's time. */
export const clockOf = (ctx: EngineContext, pairingId: string) => ({
  now: ctx.now,
  onClock: (skewMs: number) => void noteClock(ctx, pairingId, skewMs),
});
