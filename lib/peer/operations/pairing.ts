import { z } from "zod";
import {
  DemandPairingOutput,
  GetCoreIdInput,
  MasterCorePairingStatus,
  PeerDeletePairingInput,
  PeerRepositories,
  RemoteCoreSummaryInfo,
  RemoteCoreSummaryInfos,
  ReplicationPairingDemand,
  ReplicationPairingRequest,
  ReplicationPairingStatus,
  RequestPairingOutput,
  VerifyPairingAbilityInput,
} from "@/lib/engine/pairing/peer-schemas";
import { Id } from "@/lib/engine/schemas";
import { operation } from "../operation";

export const getCoreId = operation({
  name: "GetCoreId",
  method: "GET",
  path: "/slave/validate?useCredentials={useCredentials}",
  auth: "anyone",
  summary: "This core's id; with useCredentials=true only for one of its administrators, which tests the credentials.",
  input: GetCoreIdInput,
  body: "none",
  output: Id,
  answer: "json",
  xmlRoot: "guid",
  idempotent: true,
  handler: () => import("@/lib/engine/pairing/peer-views").then((m) => m.getCoreId),
});

export const verifyReplicationCorePairingAbility = operation({
  name: "VerifyReplicationCorePairingAbility",
  method: "POST",
  path: "/slave/replication/verifyStart?useCredentials={useCredentials}",
  auth: "anyone",
  summary: "May this core pair here? Refuses with the reason why not; changes nothing.",
  input: VerifyPairingAbilityInput,
  inputRoots: ["remoteMasterSummaryCoreInfo", "remoteCoreSummaryInfo"],
  body: "json",
  output: RemoteCoreSummaryInfo,
  answer: "json",
  xmlRoot: "remoteCoreSummaryInfo",
  idempotent: true,
  bytesMax: 64 * 1024,
  handler: () => import("@/lib/engine/pairing/verify-ability").then((m) => m.verifyPairingAbility),
});

export const requestPairing = operation({
  name: "RequestPairing",
  method: "POST",
  path: "/slave/pairing/request",
  auth: "anyone",
  summary: "Ask to replicate agents to this core; a person answers later.",
  input: ReplicationPairingRequest,
  inputRoots: ["replicationPairingRequest"],
  body: "json",
  output: RequestPairingOutput,
  answer: "json",
  xmlRoot: "remoteCoreSummaryInfo",
  closes: true,
  handler: () => import("@/lib/engine/pairing/receive").then((m) => m.receivePairingRequest),
});

export const demandPairing = operation({
  name: "DemandPairing",
  method: "POST",
  path: "/slave/pairing/demand",
  auth: "enrolling",
  summary: "Pair at once, as an administrator of this core or with a one-time enrolment token of it.",
  input: ReplicationPairingDemand,
  inputRoots: ["replicationPairingDemand"],
  body: "json",
  output: DemandPairingOutput,
  answer: "json",
  xmlRoot: "remoteCoreSummaryInfo",
  closes: true,
  handler: () => import("@/lib/engine/pairing/demand").then((m) => m.receivePairingDemand),
});

export const syncPairingStatus = operation({
  name: "SyncPairingStatus",
  method: "POST",
  path: "/slave/pairing/sync",
  auth: "pending",
  summary: "What became of the request; the certificate once it was approved; a new certificate when asked for.",
  input: MasterCorePairingStatus,
  inputRoots: ["masterCorePairingStatus"],
  body: "json",
  output: ReplicationPairingStatus,
  answer: "json",
  xmlRoot: "replicationPairingStatus",
  idempotent: true,
  bytesMax: 64 * 1024,
  handler: () => import("@/lib/engine/pairing/sync-status").then((m) => m.syncPairingStatus),
});

/** As versions 5 of the original ask, which have nothing to say with it. */
export const getPairingStatus = operation({
  ...syncPairingStatus,
  method: "GET",
  path: "/slave/pairing/status",
  isOldSpelling: true,
  summary: "As clients of version 5 ask what became of the request.",
  input: z.object({}),
  inputRoots: undefined,
  body: "none",
});

export const deletePairing = operation({
  name: "DeletePairing",
  method: "DELETE",
  path: "/slave/pairing?deleteRecoveryPoints={deleteRecoveryPoints}",
  auth: "pending",
  summary:
    "End the pairing, or withdraw the request. deleteRecoveryPoints decides about what was replicated; locked points stay.",
  input: PeerDeletePairingInput,
  body: "none",
  output: null,
  answer: "none",
  idempotent: true,
  handler: () => import("@/lib/engine/pairing/delete").then((m) => m.deletePairingByPeer),
});

export const getRemoteMasterCoresForDemand = operation({
  name: "GetRemoteMasterCoresForDemand",
  method: "GET",
  path: "/slave/cores/masters",
  auth: "administrator",
  summary: "The cores that replicate to this one.",
  input: z.object({}),
  body: "none",
  output: RemoteCoreSummaryInfos,
  answer: "json",
  xmlRoot: "remoteCoreSummaryInfos",
  idempotent: true,
  handler: () => import("@/lib/engine/pairing/peer-views").then((m) => m.getRemoteMasterCores),
});

export const getCoreSummaryInfo = operation({
  name: "GetCoreSummaryInfo",
  method: "GET",
  path: "/slave/core/summary",
  // The contract: "without actually establishing pairing".
  auth: "anyone",
  summary: "Name, id and version of this core, for a core that thinks of pairing with it.",
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
  getCoreId,
  verifyReplicationCorePairingAbility,
  requestPairing,
  demandPairing,
  syncPairingStatus,
  getPairingStatus,
  deletePairing,
  getRemoteMasterCoresForDemand,
  getCoreSummaryInfo,
  getRepositories,
] as const;
