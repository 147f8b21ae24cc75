import { z } from "zod";
import {
  AgentRef,
  PeerJob,
  ReplicatedAgents,
  ReplicationAbility,
  StartMetadataUpdateRequest,
  VerifyAbilityInput,
} from "@/lib/engine/replication/peer-schemas";
import { operation } from "../operation";

export const getReplicatedAgents = operation({
  name: "GetReplicatedAgents",
  method: "GET",
  path: "/slave/agents",
  auth: "paired",
  summary: "The caller's agents here, and what people here want of them.",
  input: z.object({}),
  body: "none",
  output: ReplicatedAgents,
  answer: "json",
  xmlRoot: "replicatedAgents",
  idempotent: true,
  handler: () => import("@/lib/engine/replication/ability").then((m) => m.getReplicatedAgents),
});

export const verifyReplicationAbility = operation({
  name: "VerifyReplicationAbility",
  method: "GET",
  path: "/slave/agents/{agentId}/replication/verifyStart",
  auth: "paired",
  summary: "May this agent be replicated just now? A fault names what fails; report=true lists every check.",
  input: VerifyAbilityInput,
  body: "none",
  output: ReplicationAbility,
  answer: "json",
  idempotent: true,
  handler: () => import("@/lib/engine/replication/ability").then((m) => m.verifyReplicationAbility),
});

export const startMetadataUpdate = operation({
  name: "StartMetadataUpdate",
  method: "POST",
  path: "/slave/agents/{agentId}/metadataUpdate",
  auth: "paired",
  summary: "Name, host and volumes of an agent, as the source has them now.",
  input: StartMetadataUpdateRequest,
  body: "json",
  output: null,
  answer: "none",
  idempotent: true,
  handler: () => import("@/lib/engine/replication/metadata").then((m) => m.updateAgentMetadata),
});

export const getMetadataUpdateProgress = operation({
  name: "GetMetadataUpdateProgress",
  method: "GET",
  path: "/slave/agents/{agentId}/metadataUpdate/status",
  auth: "paired",
  summary: "How far the metadata update is.",
  input: AgentRef,
  body: "none",
  output: PeerJob,
  answer: "json",
  xmlRoot: "job",
  idempotent: true,
  handler: () => import("@/lib/engine/replication/metadata").then((m) => m.getMetadataUpdateProgress),
});

export const agentOperations = [
  getReplicatedAgents,
  verifyReplicationAbility,
  startMetadataUpdate,
  getMetadataUpdateProgress,
] as const;
