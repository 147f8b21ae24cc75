import { AgentRef, MetadataUpdateProgress, StartMetadataUpdateRequest } from "@/lib/engine/replication/peer-schemas";
import { operation } from "../operation";

/** A thousand volumes, points and deletions, each with the longest names there may be. */
const REQUEST_BYTES_MAX = 4 * 1024 * 1024;

export const startMetadataUpdate = operation({
  name: "StartMetadataUpdate",
  method: "POST",
  path: "/slave/agents/{agentId}/metadataUpdate",
  auth: "paired",
  summary:
    "Names, labels, volumes, policies, locks and deletions, as the source has them now; taken over when answered.",
  input: StartMetadataUpdateRequest,
  body: "json",
  inputRoots: ["startMetadataUpdateRequest"],
  output: null,
  answer: "none",
  idempotent: true,
  bytesMax: REQUEST_BYTES_MAX,
  handler: () => import("@/lib/engine/metadata").then((m) => m.startMetadataUpdate),
});

export const startMetadataUpdateJob = operation({
  name: "StartMetadataUpdateJob",
  method: "POST",
  path: "/slave/agents/{agentId}/metadataUpdateJob",
  auth: "paired",
  summary: "The same, taken over by a job after the answer.",
  input: StartMetadataUpdateRequest,
  body: "json",
  inputRoots: ["startMetadataUpdateRequest"],
  output: null,
  answer: "none",
  idempotent: true,
  bytesMax: REQUEST_BYTES_MAX,
  handler: () => import("@/lib/engine/metadata").then((m) => m.startMetadataUpdateJob),
});

export const getMetadataUpdateProgress = operation({
  name: "GetMetadataUpdateProgress",
  method: "GET",
  path: "/slave/agents/{agentId}/metadataUpdate/status",
  auth: "paired",
  summary: "How far the newest metadata update is.",
  input: AgentRef,
  body: "none",
  output: MetadataUpdateProgress,
  answer: "json",
  xmlRoot: "job",
  idempotent: true,
  handler: () => import("@/lib/engine/metadata").then((m) => m.getMetadataUpdateProgress),
});

export const cancelRemoteMetadataUpdate = operation({
  name: "CancelRemoteMetadataUpdate",
  method: "DELETE",
  path: "/slave/agents/{agentId}/metadataUpdate",
  auth: "paired",
  summary: "Stop a running metadata update between two batches; what was taken over stays.",
  input: AgentRef,
  body: "none",
  output: null,
  answer: "none",
  idempotent: true,
  handler: () => import("@/lib/engine/metadata").then((m) => m.cancelMetadataUpdate),
});

export const metadataOperations = [
  startMetadataUpdate,
  startMetadataUpdateJob,
  getMetadataUpdateProgress,
  cancelRemoteMetadataUpdate,
] as const;
