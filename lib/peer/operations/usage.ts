import { StorageUsageSummary } from "@/lib/engine/replication/peer-schemas";
import { operation } from "../operation";

export const updateMasterStorageUsage = operation({
  name: "UpdateMasterStorageUsage",
  method: "PUT",
  path: "/slave/storage",
  auth: "paired",
  summary: "What the source's own storage holds of the agents that it replicates to here.",
  input: StorageUsageSummary,
  body: "json",
  output: null,
  answer: "none",
  idempotent: true,
  handler: () => import("@/lib/engine/usage").then((m) => m.receiveMasterUsage),
});

export const usageOperations = [updateMasterStorageUsage] as const;
