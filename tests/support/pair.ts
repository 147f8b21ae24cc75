import { approvePairing, listPairings, sendPairingRequest } from "@/lib/engine/pairing";
import { type PeerCore, withAgents } from "./peer-core";

export interface Pair {
  sourceId: string;
  targetId: string;
  agentIds: string[];
}

/** Pairs two cores by request, as two people would; ids of the pairing on either side. */
export async function pairCores(source: PeerCore, target: PeerCore, names: string[] = ["db"]): Promise<Pair> {
  const { agentIds } = await withAgents(source, names);
  const { repositoryId } = await withAgents(target, []);
  const { id: sourceId } = await sendPairingRequest(source.ctx(), requestTo(target.url, agentIds));
  const { items } = await listPairings(target.ctx(), { state: "pending", side: "target", limit: 1 });
  const targetId = items[0]?.id ?? "";
  const agents = agentIds.map((agentId) => ({ agentId, repositoryId, quotaBytes: null }));
  await approvePairing(target.ctx(), { id: targetId, agents, rateCapBytesPerSecond: null });
  await source.runPolls();
  return { sourceId, targetId, agentIds };
}

export const requestTo = (targetUrl: string, agentIds: string[]) => ({
  targetUrl,
  agentIds,
  contactEmail: "",
  customerId: "",
  comments: "",
});
