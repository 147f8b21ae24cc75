import {
  O3ERemoteConnectionDescription,
  O3ERemoteSnapshotFileInfo,
  ParticularVolumeImageRef,
  RemoteSnapshotFileScidInfo,
  StartO3EDirectVolumeImageReplicationSessionRequest,
} from "@/lib/engine/replication/direct-schemas";
import { ImageSessionRef, NegotiateInput } from "@/lib/engine/replication/peer-schemas";
import { Id } from "@/lib/engine/schemas";
import { operation } from "../operation";

export const startNewO3EDirectVolumeImageReplicationSession = operation({
  name: "StartNewO3EDirectVolumeImageReplicationSession",
  method: "POST",
  path: "/directreplication/slave/sessions/new",
  auth: "paired",
  summary: "Begin the transfer of one raw image as the blocks that changed since an image that this core holds.",
  input: StartO3EDirectVolumeImageReplicationSessionRequest,
  body: "json",
  output: Id,
  answer: "json",
  xmlRoot: "guid",
  inputRoots: ["startO3EDirectVolumeImageReplicationSessionRequest"],
  idempotent: true,
  // As StartNewVolumeImageReplicationSession.
  bytesMax: 8 * 1024 * 1024,
  handler: () => import("@/lib/engine/image-sessions/direct").then((m) => m.startDirectImageSession),
});

export const getRemoteAgentRepositoryConnectionDescription = operation({
  name: "GetRemoteAgentRepositoryConnectionDescription",
  method: "GET",
  path: "/slave/agents/{agentId}/{jobId}/{sessionId}/connection",
  auth: "paired",
  summary: "Where an image session's records go, and in which sizes they may come.",
  input: ImageSessionRef,
  body: "none",
  output: O3ERemoteConnectionDescription,
  answer: "json",
  xmlRoot: "o3ERemoteConnectionDescription",
  idempotent: true,
  handler: () => import("@/lib/engine/image-sessions/describe").then((m) => m.describeConnection),
});

export const getRemoteSnapshotFileInfo = operation({
  name: "GetRemoteSnapshotFileInfo",
  method: "GET",
  path: "/slave/agents/{agentId}/{jobId}/{sessionId}/fileinfo",
  auth: "paired",
  summary: "The snapshot that an image session writes, as it is on this core now.",
  input: ImageSessionRef,
  body: "none",
  output: O3ERemoteSnapshotFileInfo,
  answer: "json",
  xmlRoot: "o3ERemoteSnapshotFileInfo",
  idempotent: true,
  handler: () => import("@/lib/engine/image-sessions/describe").then((m) => m.describeSnapshot),
});

export const sendSnapshotFileScid = operation({
  name: "SendSnapshotFileScid",
  method: "POST",
  path: "/directreplication/slave/{agentId}/{jobId}/{sessionId}",
  auth: "paired",
  summary: "From which snapshot to which a direct session leads.",
  input: RemoteSnapshotFileScidInfo,
  body: "json",
  output: null,
  answer: "none",
  inputRoots: ["remoteSnapshotFileScidInfo"],
  idempotent: true,
  handler: () => import("@/lib/engine/image-sessions/direct").then((m) => m.receiveScid),
});

export const sendSnapshotIndividualBitmap = operation({
  name: "SendSnapshotIndividualBitmap",
  method: "POST",
  path: "/directreplication/slave/{agentId}/{jobId}/{sessionId}/bitmap",
  auth: "paired",
  summary: "The blocks that changed: one bit per block of the image.",
  input: ImageSessionRef,
  body: "stream",
  output: null,
  answer: "none",
  idempotent: true,
  handler: () => import("@/lib/engine/image-sessions/direct").then((m) => m.receiveBitmap),
});

export const o3EDirectNegotiateData = operation({
  name: "O3EDirectNegotiateData",
  method: "POST",
  path: "/directreplication/slave/{agentId}/{jobId}/{sessionId}/o3edata",
  auth: "paired",
  summary: "Keys of the changed blocks in, those whose records this core lacks out.",
  input: NegotiateInput,
  body: "stream",
  output: null,
  answer: "stream",
  idempotent: true,
  handler: () => import("@/lib/engine/image-sessions/direct").then((m) => m.negotiateDirect),
});

export const getTransferredBlocksForParticularVolumeImage = operation({
  name: "GetTransferredBlocksForParticularVolumeImage",
  method: "GET",
  path: "/slave/{agentId}/{volumeDriverId}/{epochNumber}/transferredblocks",
  auth: "paired",
  summary: "One bit per block of an image, by its volume and epoch: is it here?",
  input: ParticularVolumeImageRef,
  body: "none",
  output: null,
  answer: "stream",
  idempotent: true,
  handler: () => import("@/lib/engine/image-sessions/transferred-blocks").then((m) => m.getTransferredBlocksOfImage),
});

export const directOperations = [
  startNewO3EDirectVolumeImageReplicationSession,
  getRemoteAgentRepositoryConnectionDescription,
  getRemoteSnapshotFileInfo,
  sendSnapshotFileScid,
  sendSnapshotIndividualBitmap,
  o3EDirectNegotiateData,
  getTransferredBlocksForParticularVolumeImage,
] as const;
