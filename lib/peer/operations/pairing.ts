import { z } from "zod";
import {
  MasterCorePairingStatus,
  PeerDeletePairingInput,
  PeerRepositories,
  RemoteCoreSummaryInfo,
  ReplicationPairingRequest,
  ReplicationPairingStatus,
  RequestPairingOutput,
} from "@/lib/engine/pairing/peer-schemas";
import { operation } from "../operation";

export const requestPairing = operation({
  name: "RequestPairing",
  method: "POST",
  path: "/slave/pairing/request",
  auth: "anyone",
  summary: "Ask to replicate agents to this core; a person answers later.",
  input: ReplicationPairingRequest,
  body: "json",
  output: RequestPairingOutput,
  answer: "json",
  xmlRoot: "remoteCoreSummaryInfo",
  closes: true,
  handler: () => import("@/lib/engine/pairing/receive").then((m) => m.receivePairingRequest),
});

export const syncPairingStatus = operation({
  name: "SyncPairingStatus",
  method: "POST",
  path: "/slave/pairing/sync",
  auth: "pending",
  summary: "What became of the request; the certificate once it was approved; a new certificate when asked for.",
  input: MasterCorePairingStatus,
  body: "json",
  output: ReplicationPairingStatus,
  answer: "json",
  xmlRoot: "replicationPairingStatus",
  idempotent: true,
  bytesMax: 64 * 1024,
  handler: () => import("@/lib/engine/pairing/sync-status").then((m) => m.syncPairingStatus),
});

export const deletePairing = operation({
  name: "DeletePairing",
  method: "DELETE",
  path: "/slave/pairing?deleteRecoveryPoints={deleteRecoveryPoints}",
  auth: "pending",
  summary: "End the pairing, or withdraw the request; recovery points stay.",
  input: PeerDeletePairingInput,
  body: "none",
  output: null,
  answer: "none",
  idempotent: true,
  handler: () => import("@/lib/engine/pairing/delete").then((m) => m.deletePairingByPeer),
});

export const getCoreSummaryInfo = operation({
  name: "GetCoreSummaryInfo",
  method: "GET",
  path: "/slave/core/summary",
  auth: "paired",
  summary: "Name, id and version of this core.",
  input: z.object({}),
  body: "none",
  output: RemoteCoreSummaryInfo,
  answer: "json",
  xmlRoot: "remoteCoreSummaryInfo",
  idempotent: true,
  handler: () => import("@/lib/engine/pairing/peer-views").then((m) => m.getCoreSummaryInfo),
});

export const getRepositories = operation({
  name: "GetRepositories",
  method: "GET",
  path: "/slave/repositories",
  auth: "paired",
  summary: "The repositories that take the caller's agents, with their free space.",
  input: z.object({}),
  body: "none",
  output: PeerRepositories,
  answer: "json",
  xmlRoot: "repositorySummaries",
  idempotent: true,
  handler: () => import("@/lib/engine/pairing/peer-views").then((m) => m.getPeerRepositories),
});

export const pairingOperations = [
  requestPairing,
  syncPairingStatus,
  deletePairing,
  getCoreSummaryInfo,
  getRepositories,
] as const;
