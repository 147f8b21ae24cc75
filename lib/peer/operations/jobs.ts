import {
  RemoteReplicationJobRequest,
  RemoteSyncReplicationJobRequest,
  SyncedJob,
  TransferJobRef,
  UpdateReplicationStatusInput,
} from "@/lib/engine/replication/peer-schemas";
import { Id } from "@/lib/engine/schemas";
import { operation } from "../operation";

export const startRemoteReplicationJob = operation({
  name: "StartRemoteReplicationJob",
  method: "POST",
  path: "/slave/agents/replicationJob/start",
  auth: "paired",
  summary: "Begin, or go on with, a run; the answer is its id here.",
  input: RemoteReplicationJobRequest,
  body: "json",
  inputRoots: ["remoteReplicationJobRequest"],
  output: Id,
  answer: "json",
  xmlRoot: "guid",
  idempotent: true,
  handler: () => import("@/lib/engine/replication/remote-jobs").then((m) => m.startRemoteJob),
});

export const startTransferJob = operation({
  name: "StartTransferJob",
  method: "POST",
  path: "/slave/agents/{agentId}/transferJob/{jobId}?masterJobId={masterJobId}",
  auth: "paired",
  summary: "Begin a transfer below a run, so that people here see it.",
  input: TransferJobRef,
  body: "none",
  output: null,
  answer: "none",
  idempotent: true,
  handler: () => import("@/lib/engine/replication/remote-jobs").then((m) => m.startTransferJob),
});

export const syncRemoteReplicationJob = operation({
  name: "SyncRemoteReplicationJob",
  method: "POST",
  path: "/slave/agents/replicationJob/sync",
  auth: "paired",
  summary: "The source's progress; the answer says whether people here want the run to pause or end.",
  input: RemoteSyncReplicationJobRequest,
  body: "json",
  inputRoots: ["remoteSyncReplicationJobRequest"],
  output: SyncedJob,
  answer: "json",
  xmlRoot: "job",
  idempotent: true,
  handler: () => import("@/lib/engine/replication/mirror").then((m) => m.syncRemoteJob),
});

export const updateReplicationStatus = operation({
  name: "UpdateReplicationStatus",
  method: "PUT",
  path: "/slave/agents/{agentId}/status",
  auth: "paired",
  summary: "How a run stands or ended.",
  input: UpdateReplicationStatusInput,
  body: "json",
  inputRoots: ["job"],
  output: null,
  answer: "none",
  idempotent: true,
  handler: () => import("@/lib/engine/replication/mirror").then((m) => m.updateReplicationStatus),
});

export const jobOperations = [
  startRemoteReplicationJob,
  startTransferJob,
  syncRemoteReplicationJob,
  updateReplicationStatus,
] as const;
