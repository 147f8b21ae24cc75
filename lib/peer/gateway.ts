import "server-only";
import type { PeerGateway } from "@/lib/engine/pairing/gateway";
import { peerClient } from "./client";
import { addAgentsByRequest, endReplications, verifyAddAgentsByRequest } from "./operations/add-agents";
import {
  deletePairing,
  demandPairing,
  getCoreId,
  getRepositories,
  requestPairing,
  syncPairingStatus,
  verifyReplicationCorePairingAbility,
} from "./operations/pairing";

/** A person waits for these; a core that is there answers them at once. */
const ANSWER_TIMEOUT_MS = 20_000;

/** Other cores over HTTPS, as the engine's verbs of pairing see them. */
export const peerGateway: PeerGateway = {
  open({ url, key, cert, ca }) {
    const client = peerClient({ baseUrl: url, tls: { key, cert, ca }, connectionsMax: 1 });
    const options = { timeoutMs: ANSWER_TIMEOUT_MS };
    return {
      getCoreId: () => client.call(getCoreId, {}, options),
      verifyPairingAbility: (input) => client.call(verifyReplicationCorePairingAbility, input, options),
      demandPairing: (input, authorization) => client.call(demandPairing, input, { ...options, authorization }),
      requestPairing: (input) => client.call(requestPairing, input, options),
      syncPairingStatus: (input) => client.call(syncPairingStatus, input, options),
      deletePairing: ({ deleteRecoveryPoints }) =>
        client.call(deletePairing, { deleteRecoveryPoints: String(deleteRecoveryPoints) }, options),
      verifyAddAgents: (input) => client.call(verifyAddAgentsByRequest, { ...input, report: "true" }, options),
      addAgents: (input) => client.call(addAgentsByRequest, input, options),
      getRepositories: () => client.call(getRepositories, {}, options),
      endReplications: (input) => client.call(endReplications, input, options),
      get chain() {
        return client.peerChain;
      },
      close: () => client.close(),
    };
  },
};
