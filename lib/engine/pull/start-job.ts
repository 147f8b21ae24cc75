import "server-only";
import type { EngineContext } from "@/lib/engine/context";
import type { RemoteReplicationJobRequest } from "@/lib/engine/replication/peer-schemas";
import { beginRemoteJob } from "@/lib/engine/replication/remote-jobs";
import { requireLedAgent } from "./lead";

/** Callee: begins the mirror of a run by which the caller fetches, and gives its id here. Throws as requireLedAgent. */
export async function startPullJob(ctx: EngineContext, input: RemoteReplicationJobRequest): Promise<string> {
  await requireLedAgent(ctx, input.agentId);
  return beginRemoteJob(ctx, input);
}
