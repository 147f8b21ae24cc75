import "server-only";
import type { EngineContext } from "@/lib/engine/context";
import type { ConnectFileTarget } from "@/lib/engine/outgoing-files";
import { connectPeer } from "@/lib/peer/connect";
import { fileTarget } from "@/lib/peer/file-target";

/** Targets over mutual TLS, with the credentials that the pairing gave us, as the sending of files needs them. */
export const connectFileTarget =
  (ctx: EngineContext): ConnectFileTarget =>
  async (pairingId, hooks) =>
    fileTarget(await connectPeer(ctx, pairingId), hooks);
