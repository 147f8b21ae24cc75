import { z } from "zod";
import { ReplicatedAgents, ReplicationAbility, VerifyAbilityInput } from "@/lib/engine/replication/peer-schemas";
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

export const agentOperations = [getReplicatedAgents, verifyReplicationAbility] as const;
