import "server-only";
import type { EngineContext } from "@/lib/engine/context";
import { getPeerCredentials } from "@/lib/engine/pairing";
import { type PeerClient, peerClient } from "./client";

/** A client of the target of an established pairing, with the certificate of this moment. Close it when done. Throws not_found or conflict. */
export async function connectPeer(ctx: EngineContext, pairingId: string): Promise<PeerClient> {
  const { url, key, cert, ca } = await getPeerCredentials(ctx, { pairingId });
  return peerClient({ baseUrl: url, tls: { key, cert, ca } });
}
