import {
  AskRoomInput,
  CommittingStatus,
  EndInput,
  ImageSessionRef,
  NegotiateInput,
  RoomAnswer,
  StartVolumeImageReplicationSessionRequest,
  TransferInput,
} from "@/lib/engine/replication/peer-schemas";
import { Id } from "@/lib/engine/schemas";
import { operation } from "../operation";

export const startNewVolumeImageReplicationSession = operation({
  name: "StartNewVolumeImageReplicationSession",
  method: "POST",
  path: "/slave/sessions/new",
  auth: "paired",
  summary: "Begin the transfer of one volume image of a recovery point.",
  input: StartVolumeImageReplicationSessionRequest,
  body: "json",
  output: Id,
  answer: "json",
  xmlRoot: "guid",
  inputRoots: ["startVolumeImageReplicationSessionRequest"],
  idempotent: true,
  // A point may tell of 1,000 files that could not be read.
  bytesMax: 8 * 1024 * 1024,
  handler: () => import("@/lib/engine/image-sessions/start").then((m) => m.startImageSession),
});

export const negotiateMissingRecords = operation({
  name: "NegotiateMissingRecords",
  method: "POST",
  path: "/slave/{agentId}/{jobId}/{sessionId}/records/keys",
  aliases: ["/slave/sessions/{sessionId}/records/keys"],
  auth: "paired",
  summary: "Which of the offered records does this core lack? Keys in, keys out.",
  input: NegotiateInput,
  body: "stream",
  output: null,
  answer: "stream",
  idempotent: true,
  handler: () => import("@/lib/engine/image-sessions/negotiate").then((m) => m.negotiateRecords),
});

export const askForRoom = operation({
  name: "AskForRoom",
  isOwn: true,
  method: "POST",
  path: "/twincore/agents/{agentId}/jobs/{jobId}/sessions/{sessionId}/room?bytes={bytes}",
  auth: "paired",
  summary: "Would so many bytes of missing records fit? Quotas and disks answer before anything is sent.",
  input: AskRoomInput,
  body: "none",
  output: RoomAnswer,
  answer: "json",
  xmlRoot: "roomAnswer",
  idempotent: true,
  handler: () => import("@/lib/engine/image-sessions/ask-room").then((m) => m.askForRoom),
});

export const transferMissingRecords = operation({
  name: "TransferMissingRecords",
  method: "POST",
  path: "/slave/{agentId}/{jobId}/{sessionId}/records/rawdata",
  aliases: ["/slave/sessions/{sessionId}/records/rawdata"],
  auth: "paired",
  summary: "Records as frames; durable and indexed when answered.",
  input: TransferInput,
  body: "stream",
  output: null,
  answer: "none",
  idempotent: true,
  handler: () => import("@/lib/engine/image-sessions/receive").then((m) => m.receiveRecords),
});

export const getVolumeImageTransferredBlocks = operation({
  name: "GetVolumeImageTransferredBlocks",
  method: "GET",
  path: "/slave/sessions/{sessionId}/transferredblocks",
  auth: "paired",
  summary: "One bit per block of the image, or per key offered so far: is its record here?",
  input: ImageSessionRef,
  body: "none",
  output: null,
  answer: "stream",
  idempotent: true,
  handler: () => import("@/lib/engine/image-sessions/transferred-blocks").then((m) => m.getTransferredBlocks),
});

export const startEndingVolumeImageReplicationSession = operation({
  name: "StartEndingVolumeImageReplicationSession",
  method: "POST",
  path: "/slave/{agentId}/{jobId}/{sessionId}/ending?commit={commit}",
  auth: "paired",
  summary: "Begin to commit the image, or drop it.",
  input: EndInput,
  body: "none",
  output: null,
  answer: "none",
  idempotent: true,
  handler: () => import("@/lib/engine/image-sessions/end").then((m) => m.startEndingImageSession),
});

export const pokeVolumeImageCommittingProcess = operation({
  name: "PokeVolumeImageCommittingProcess",
  method: "GET",
  path: "/slave/{agentId}/{jobId}/{sessionId}/committing",
  auth: "paired",
  summary: "Is the image committed? Waits a little for it.",
  input: ImageSessionRef,
  body: "none",
  output: CommittingStatus,
  answer: "json",
  xmlRoot: "pokeVolumeImageCommittingProcessStatus",
  idempotent: true,
  handler: () => import("@/lib/engine/image-sessions/end").then((m) => m.pokeImageSession),
});

export const endVolumeImageReplicationSession = operation({
  name: "EndVolumeImageReplicationSession",
  method: "DELETE",
  // Its older spelling, DELETE slave/sessions/{id}?commit=, is the address of CancelUploadFile, whose verb tells them apart.
  path: "/slave/{agentId}/{jobId}/{sessionId}?commit={commit}",
  auth: "paired",
  summary: "Commit the image and wait for it, or drop it.",
  input: EndInput,
  body: "none",
  output: null,
  answer: "none",
  idempotent: true,
  handler: () => import("@/lib/engine/image-sessions/end").then((m) => m.endImageSession),
});

export const imageOperations = [
  startNewVolumeImageReplicationSession,
  negotiateMissingRecords,
  askForRoom,
  transferMissingRecords,
  getVolumeImageTransferredBlocks,
  startEndingVolumeImageReplicationSession,
  pokeVolumeImageCommittingProcess,
  endVolumeImageReplicationSession,
] as const;
