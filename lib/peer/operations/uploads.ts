import {
  CancelUploadInput,
  ContinueUploadInput,
  FileReceiveRequest,
  FileReceiveResponse,
  UploadRef,
} from "@/lib/engine/uploads/peer-schemas";
import { operation } from "../operation";

export const startNewUploadSession = operation({
  name: "StartNewUploadSession",
  method: "POST",
  path: "/slave/newsession",
  auth: "paired",
  summary: "Begin to send a file, declared by name, size and MD5.",
  input: FileReceiveRequest,
  body: "json",
  inputRoots: ["fileReceiveRequest"],
  output: FileReceiveResponse,
  answer: "json",
  xmlRoot: "fileReceiveResponse",
  idempotent: true,
  bytesMax: 64 * 1024,
  handler: () => import("@/lib/engine/uploads").then((m) => m.startUpload),
});

export const continueUploadFile = operation({
  name: "ContinueUploadFile",
  method: "POST",
  path: "/slave/sessions/{uploadSessionId}/data/{dataSize}?offset={offset}",
  auth: "paired",
  summary: "One piece of the file; durable when answered, and never kept twice.",
  input: ContinueUploadInput,
  body: "stream",
  output: null,
  answer: "none",
  idempotent: true,
  handler: () => import("@/lib/engine/uploads").then((m) => m.receivePiece),
});

export const endUploadFile = operation({
  name: "EndUploadFile",
  method: "POST",
  path: "/slave/sessions/{uploadSessionId}",
  auth: "paired",
  summary: "Check size and MD5 of the file, and keep it.",
  input: UploadRef,
  body: "none",
  output: null,
  answer: "none",
  idempotent: true,
  handler: () => import("@/lib/engine/uploads").then((m) => m.endUpload),
});

/** Also the older spelling of EndVolumeImageReplicationSession: by what the id is, and whether `commit` is said. */
export const cancelUploadFile = operation({
  name: "CancelUploadFile",
  method: "DELETE",
  path: "/slave/sessions/{uploadSessionId}?commit={commit}",
  auth: "paired",
  summary: "Give up an upload, and what came of it. With commit and the id of an image session, end that one.",
  input: CancelUploadInput,
  body: "none",
  output: null,
  answer: "none",
  idempotent: true,
  handler: () => import("@/lib/engine/uploads").then((m) => m.cancelPeerUpload),
});

export const uploadOperations = [startNewUploadSession, continueUploadFile, endUploadFile, cancelUploadFile] as const;
