import {
  AgentRef,
  RecoveryPointRange,
  RecoveryPointSummaries,
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

export const recoveryPointOperations = [getAgentRecoveryPoints, selectRangeAgentRecoveryPoints] as const;
