import type { z } from "zod";
import { StartMetadataUpdateRequest } from "@/lib/engine/replication/peer-schemas";

/** A request as it is kept until it has been taken over. */
export const KeptRequest = StartMetadataUpdateRequest.omit({ agentId: true });
export type KeptRequest = z.infer<typeof KeptRequest>;

/** Where the items of a request stand: the agent with all its volumes first, then points, then deletions. */
export function itemsOf(request: KeptRequest) {
  const points = request.recoveryPoints ?? [];
  const deletions = request.deletedRecoveryPointIds ?? [];
  const ofAgent = 1 + (request.volumes?.length ?? 0);
  return { ofAgent, points, deletions, total: ofAgent + points.length + deletions.length };
}
