import "server-only";
import type { EngineContext } from "@/lib/engine/context";
import { getPeerCredentials } from "@/lib/engine/pairing";
import type { ConnectTarget } from "@/lib/engine/replication/target-core";
import { peerClient } from "@/lib/peer/client";
import { clockOf } from "@/lib/peer/connect";
import { targetCore } from "@/lib/peer/target-core";

/** Transfers in flight, the negotiation beside them, and the mirrored progress. */
const CONNECTIONS_MAX = 8;

/** Targets over mutual TLS, with the credentials that the pairing gave us. */
export const connectTarget =
  (ctx: EngineContext): ConnectTarget =>
  async (pairingId, hooks) => {
    const { url, key, cert, ca } = await getPeerCredentials(ctx, { pairingId });
    return targetCore(
      peerClient({ baseUrl: url, tls: { key, cert, ca }, connectionsMax: CONNECTIONS_MAX, ...clockOf(ctx, pairingId) }),
      hooks,
    );
  };
