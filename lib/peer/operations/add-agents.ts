import {
  AddAgentsChecks,
  AddAgentsDemand,
  AddAgentsRequest,
  EndReplicationsInput,
  EndReplicationsOutput,
  VerifyAddAgentsDemand,
  VerifyAddAgentsRequest,
} from "@/lib/engine/pairing/agents/peer-schemas";
import { operation } from "../operation";

export const addAgentsByRequest = operation({
  name: "AddAgentsByRequest",
  method: "POST",
  path: "/slave/agents/request",
  auth: "paired",
  summary: "Ask to replicate more agents to this core; a person answers later, for each of them.",
  input: AddAgentsRequest,
  body: "json",
  output: null,
  answer: "none",
  inputRoots: ["addAgentsRequest"],
  idempotent: true,
  handler: () => import("@/lib/engine/pairing/agents/add").then((m) => m.addAgentsByRequest),
});

export const addAgentsByDemand = operation({
  name: "AddAgentsByDemand",
  method: "POST",
  path: "/slave/agents/demand",
  auth: "paired-administrator",
  summary: "Take more agents of the caller in at once, each into the repository that it names.",
  input: AddAgentsDemand,
  body: "json",
  output: null,
  answer: "none",
  inputRoots: ["addAgentsDemand"],
  idempotent: true,
  handler: () => import("@/lib/engine/pairing/agents/add").then((m) => m.addAgentsByDemand),
});

export const verifyAddAgentsByRequest = operation({
  name: "VerifyAddAgentsByRequest",
  method: "POST",
  path: "/slave/request/agents/verify?report={report}",
  auth: "paired",
  summary:
    "Would it be safe to replicate these agents to here? A fault names what fails; report=true lists every check.",
  input: VerifyAddAgentsRequest,
  body: "json",
  output: AddAgentsChecks,
  answer: "json",
  inputRoots: ["addAgentsRequest"],
  idempotent: true,
  handler: () => import("@/lib/engine/pairing/agents/verify").then((m) => m.verifyAddAgentsByRequest),
});

export const verifyAddAgentsByDemand = operation({
  name: "VerifyAddAgentsByDemand",
  method: "POST",
  path: "/slave/demand/agents/verify?report={report}",
  auth: "paired-administrator",
  summary: "The same for the repositories that an administrator names.",
  input: VerifyAddAgentsDemand,
  body: "json",
  output: AddAgentsChecks,
  answer: "json",
  inputRoots: ["addAgentsDemand"],
  idempotent: true,
  handler: () => import("@/lib/engine/pairing/agents/verify").then((m) => m.verifyAddAgentsByDemand),
});

export const endReplications = operation({
  name: "EndReplications",
  method: "POST",
  path: "/twincore/agents/replication/end",
  isOwn: true,
  auth: "paired",
  summary: "The source replicates these agents no more: their sessions go, their recovery points stay.",
  input: EndReplicationsInput,
  inputRoots: ["endReplications"],
  body: "json",
  output: EndReplicationsOutput,
  answer: "json",
  xmlRoot: "endReplicationsResult",
  idempotent: true,
  handler: () => import("@/lib/engine/pairing/agents/end").then((m) => m.endReplicationsByPeer),
});

export const addAgentOperations = [
  addAgentsByRequest,
  addAgentsByDemand,
  verifyAddAgentsByRequest,
  verifyAddAgentsByDemand,
  endReplications,
] as const;
