import { z } from "zod";
import {
  AgentRef,
  ImagesOfAgentInput,
  RecoveryPointRange,
  RecoveryPointSummaries,
  ReplicatedVolumeImages,
  SelectRangeInput,
} from "@/lib/engine/replication/peer-schemas";
import { operation } from "../operation";

export const getAgentRecoveryPoints = operation({
  name: "GetAgentRecoveryPoints",
  method: "GET",
  path: "/slave/agents/{agentId}/rps",
  auth: "paired",
  summary: "The recovery points of an agent that are complete here, oldest first.",
  input: AgentRef,
  body: "none",
  output: RecoveryPointSummaries,
  answer: "json",
  xmlRoot: "recoveryPointSummaries",
  idempotent: true,
  handler: () => import("@/lib/engine/replication/select-points").then((m) => m.listPeerRecoveryPoints),
});

export const selectRangeAgentRecoveryPoints = operation({
  name: "SelectRangeAgentRecoveryPoints",
  method: "GET",
  path: "/slave/agents/{agentId}/skipCount/{skipCount}/maxCount/{maxCount}/rps",
  // The published client loses the end of the address.
  aliases: ["/slave/agents/{agentId}/skipCount/{skipCount}/maxCount/{maxCount}"],
  auth: "paired",
  summary: "A page of them; or only what is new after a set that both cores know.",
  input: SelectRangeInput,
  body: "none",
  output: RecoveryPointRange,
  answer: "json",
  xmlRoot: "recoveryPointSummaries",
  idempotent: true,
  handler: () => import("@/lib/engine/replication/select-points").then((m) => m.selectRecoveryPoints),
});

export const getAgentRecoveryPointsCount = operation({
  name: "GetAgentRecoveryPointsCount",
  method: "GET",
  path: "/slave/agents/{agentId}/rpsCount",
  auth: "paired",
  summary: "How many recovery points of an agent are complete here.",
  input: AgentRef,
  body: "none",
  output: z.number().int().nonnegative(),
  answer: "json",
  xmlRoot: "int",
  idempotent: true,
  handler: () => import("@/lib/engine/replication/select-points").then((m) => m.countPeerRecoveryPoints),
});

export const getBasicReplicatedVolumeImagesInfo = operation({
  name: "GetBasicReplicatedVolumeImagesInfo54X",
  method: "GET",
  path: "/slave/agents/{agentId}/replicatedVolumeImages",
  auth: "paired",
  summary: "The volume images of an agent that belong to recovery points here, newest first.",
  input: ImagesOfAgentInput,
  body: "none",
  output: ReplicatedVolumeImages,
  answer: "json",
  xmlRoot: "summaryReplicatedVolumeImages",
  idempotent: true,
  handler: () => import("@/lib/engine/replication/select-images").then((m) => m.selectReplicatedImages),
});

export const getOrphanedReplicatedVolumeImagesInfo = operation({
  name: "GetOrphanedReplicatedVolumeImagesInfo54X",
  method: "GET",
  path: "/slave/agents/{agentId}/orphanedReplicatedVolumeImages",
  auth: "paired",
  summary: "Volume images of an agent that are complete here although their recovery point is not, newest first.",
  input: ImagesOfAgentInput,
  body: "none",
  output: ReplicatedVolumeImages,
  answer: "json",
  xmlRoot: "summaryReplicatedVolumeImages",
  idempotent: true,
  handler: () => import("@/lib/engine/replication/select-images").then((m) => m.selectOrphanedImages),
});

export const recoveryPointOperations = [
  getAgentRecoveryPoints,
  selectRangeAgentRecoveryPoints,
  getAgentRecoveryPointsCount,
  getBasicReplicatedVolumeImagesInfo,
  getOrphanedReplicatedVolumeImagesInfo,
] as const;
