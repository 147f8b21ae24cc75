import { z } from "zod";
import {
  AgentInfoSummaries,
  AgentRepositoryRelationships,
  CoreRef,
  RemoteAgentRecoveryPointsInfos,
} from "@/lib/engine/agents/peer-schemas";
import { AgentRef } from "@/lib/engine/replication/peer-schemas";
import { Bytes } from "@/lib/engine/schemas";
import { operation } from "../operation";

export const getAgents = operation({
  name: "GetAgents",
  method: "GET",
  path: "/slave/agents/all",
  auth: "paired",
  summary: "The agents here that the caller may see: its own.",
  input: z.object({}),
  body: "none",
  output: AgentInfoSummaries,
  answer: "json",
  xmlRoot: "agents",
  idempotent: true,
  handler: () => import("@/lib/engine/agents/peer-views").then((m) => m.getPeerAgents),
});

export const getReplicatedAgentsRecoveryPointsInfo = operation({
  name: "GetReplicatedAgentsRecoveryPointsInfo",
  method: "GET",
  path: "/slave/agents/rpsinfo",
  auth: "paired",
  summary: "The caller's agents that have recovery points here: how many, from when to when, how large.",
  input: z.object({}),
  body: "none",
  output: RemoteAgentRecoveryPointsInfos,
  answer: "json",
  xmlRoot: "remoteAgentRecoveryPointsInfos",
  idempotent: true,
  handler: () => import("@/lib/engine/agents/peer-views").then((m) => m.getReplicatedAgentsPoints),
});

export const getRepositoryFreeSpaceForAgent = operation({
  name: "GetRepositoryFreeSpaceForAgent",
  method: "GET",
  path: "/slave/agents/{agentId}/freeSpace",
  auth: "paired",
  summary: "Bytes that may still be stored for the agent: the smaller of what quota and disk leave.",
  input: AgentRef,
  body: "none",
  output: Bytes,
  answer: "json",
  xmlRoot: "unsignedLong",
  idempotent: true,
  handler: () => import("@/lib/engine/agents/peer-views").then((m) => m.getFreeSpaceForAgent),
});

export const getAgentRepositoryRelationships = operation({
  name: "GetAgentRepositoryRelationships",
  method: "GET",
  path: "/slave/cores/agentRepositoryRelationships",
  auth: "paired",
  summary: "Which repository each of the caller's agents lies in.",
  input: z.object({}),
  body: "none",
  output: AgentRepositoryRelationships,
  answer: "json",
  xmlRoot: "agentRepositoryRelationships",
  idempotent: true,
  handler: () => import("@/lib/engine/agents/relationships").then((m) => m.getOwnRelationships),
});

export const getAgentRepositoryRelationshipsByCoreInfo = operation({
  name: "GetAgentRepositoryRelationshipsByCoreInfo",
  method: "POST",
  path: "/slave/cores/agentRepositoryRelationships/byCoreInfo",
  auth: "paired",
  summary: "The same for the named core, which must be the caller.",
  input: CoreRef,
  body: "json",
  output: AgentRepositoryRelationships,
  answer: "json",
  xmlRoot: "agentRepositoryRelationships",
  inputRoots: ["remoteCoreSummaryInfo"],
  idempotent: true,
  handler: () => import("@/lib/engine/agents/relationships").then((m) => m.getOwnRelationshipsByCore),
});

export const getAgentRepositoryRelationshipsByDemand = operation({
  name: "GetAgentRepositoryRelationshipsByDemand",
  method: "GET",
  path: "/slave/cores/agentRepositoryRelationships/demand",
  auth: "administrator",
  summary: "Which repository every agent lies in that is replicated to here.",
  input: z.object({}),
  body: "none",
  output: AgentRepositoryRelationships,
  answer: "json",
  xmlRoot: "agentRepositoryRelationships",
  idempotent: true,
  handler: () => import("@/lib/engine/agents/relationships").then((m) => m.getAllRelationships),
});

export const getAgentRepositoryRelationshipsByDemandByCoreInfo = operation({
  name: "GetAgentRepositoryRelationshipsByDemandByCoreInfo",
  method: "POST",
  path: "/slave/cores/agentRepositoryRelationships/demand/byCoreInfo",
  auth: "administrator",
  summary: "The same for the agents of the named core.",
  input: CoreRef,
  body: "json",
  output: AgentRepositoryRelationships,
  answer: "json",
  xmlRoot: "agentRepositoryRelationships",
  inputRoots: ["remoteCoreSummaryInfo"],
  idempotent: true,
  handler: () => import("@/lib/engine/agents/relationships").then((m) => m.getRelationshipsOfCore),
});

export const deleteAgent = operation({
  name: "DeleteAgent",
  method: "DELETE",
  path: "/slave/agents/{agentId}",
  auth: "paired",
  summary: "Delete one of the caller's agents here with all its recovery points, in the background.",
  input: AgentRef,
  body: "none",
  output: null,
  answer: "none",
  idempotent: true,
  handler: () => import("@/lib/engine/agents/delete").then((m) => m.deleteAgentByPeer),
});

export const agentViewOperations = [
  deleteAgent,
  getAgents,
  getReplicatedAgentsRecoveryPointsInfo,
  getRepositoryFreeSpaceForAgent,
  getAgentRepositoryRelationships,
  getAgentRepositoryRelationshipsByCoreInfo,
  getAgentRepositoryRelationshipsByDemand,
  getAgentRepositoryRelationshipsByDemandByCoreInfo,
] as const;
