import { z } from "zod";
import { RemoteCoreSummaryInfo } from "@/lib/engine/pairing/peer-schemas";
import { Bytes, Id, Instant } from "@/lib/engine/schemas";

/** Shapes of the ReplicationCommunication contract that tell of agents, under the contract's names. Pure. */

const Count = z.number().int().nonnegative();

/** Which core a question is about; the rest of a core's introduction says nothing here. */
export const CoreRef = RemoteCoreSummaryInfo.pick({ id: true });

export const AgentInfoSummary = z.object({
  /** What it is to this core: replicas only, for a paired core. */
  agentType: z.literal("ReplicatedAgent").default("ReplicatedAgent"),
  displayName: z.string(),
  id: Id,
  /** Twincore protects machines; clusters are the sum of theirs. */
  isCluster: z.boolean().default(false),
  parentClusterId: Id.nullable().default(null),
  /** Nothing new comes for it; what is here can be restored. */
  recoveryPointsOnly: z.boolean(),
});

export const AgentInfoSummaries = z.object({
  agents: z.array(AgentInfoSummary).meta({ xmlItem: "agentInfoSummary", xmlBare: true }),
});
export type AgentInfoSummaries = z.infer<typeof AgentInfoSummaries>;

export const RemoteAgentRecoveryPointsInfo = z.object({
  agentId: Id,
  displayName: z.string(),
  newestRpTimestamp: Instant,
  oldestRpTimestamp: Instant,
  recoveryPointCount: Count,
  /** The sizes of its recovery points together, as GetAgentRecoveryPoints says each. */
  size: Bytes,
  /** Bytes that they brought into the repository, after deduplication and compression. */
  storedSize: Bytes,
});

export const RemoteAgentRecoveryPointsInfos = z.object({
  agents: z.array(RemoteAgentRecoveryPointsInfo).meta({ xmlItem: "remoteAgentRecoveryPointsInfo", xmlBare: true }),
});
export type RemoteAgentRecoveryPointsInfos = z.infer<typeof RemoteAgentRecoveryPointsInfos>;

export const AgentRepositoryRelationships = z.object({
  relationships: z
    .array(z.object({ agentId: Id, repositoryId: Id, repositoryName: z.string() }))
    .meta({ xmlItem: "agentRepositoryRelationship", xmlBare: true }),
});
export type AgentRepositoryRelationships = z.infer<typeof AgentRepositoryRelationships>;
