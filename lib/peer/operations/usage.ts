import { z } from "zod";
import { AgentsStorageUsage, StorageUsageSummary } from "@/lib/engine/replication/peer-schemas";
import { operation } from "../operation";

export const updateMasterStorageUsage = operation({
  name: "UpdateMasterStorageUsage",
  method: "PUT",
  path: "/slave/storage",
  auth: "paired",
  summary: "What the source's own storage holds of the agents that it replicates to here.",
  input: StorageUsageSummary,
  body: "json",
  inputRoots: ["storageUsageSummary"],
  output: null,
  answer: "none",
  idempotent: true,
  handler: () => import("@/lib/engine/usage").then((m) => m.receiveMasterUsage),
});

export const getReplicatedAgentsStorageUsage = operation({
  name: "GetReplicatedAgentsStorageUsage",
  method: "GET",
  path: "/slave/agents/storageUsage",
  auth: "paired",
  summary: "What the caller's agents occupy here, as measured last.",
  input: z.object({}),
  body: "none",
  output: AgentsStorageUsage,
  answer: "json",
  xmlRoot: "agents",
  idempotent: true,
  handler: () => import("@/lib/engine/usage").then((m) => m.getReplicatedAgentsUsage),
});

export const usageOperations = [updateMasterStorageUsage, getReplicatedAgentsStorageUsage] as const;
