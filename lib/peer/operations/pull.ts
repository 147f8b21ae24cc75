import {
  AcknowledgeInput,
  ImageRefInput,
  LeadingMetadata,
  LeadingPoint,
  LeadingRange,
  PointRef,
  ReadRecordsInput,
  SelectLeadingInput,
} from "@/lib/engine/pull/peer-schemas";
import { AgentRef, RemoteReplicationJobRequest } from "@/lib/engine/replication/peer-schemas";
import { Id } from "@/lib/engine/schemas";
import { operation } from "../operation";

export const selectLeadingPoints = operation({
  name: "SelectLeadingPoints",
  isOwn: true,
  method: "GET",
  path: "/twincore/agents/{agentId}/points",
  auth: "paired",
  summary:
    "After a failover to this core: a page of the agent's recovery points, or only what is new after a known set.",
  input: SelectLeadingInput,
  body: "none",
  output: LeadingRange,
  answer: "json",
  xmlRoot: "leadingRange",
  idempotent: true,
  handler: () => import("@/lib/engine/pull/select-points").then((m) => m.selectLeadingPoints),
});

export const describeLeadingPoint = operation({
  name: "DescribeLeadingPoint",
  isOwn: true,
  method: "GET",
  path: "/twincore/agents/{agentId}/points/{recoveryPointId}",
  auth: "paired",
  summary: "All that a core must know of one of them to hold it too.",
  input: PointRef,
  body: "none",
  output: LeadingPoint,
  answer: "json",
  xmlRoot: "leadingPoint",
  idempotent: true,
  handler: () => import("@/lib/engine/pull/describe-point").then((m) => m.describeLeadingPoint),
});

export const readImageManifest = operation({
  name: "ReadImageManifest",
  isOwn: true,
  method: "GET",
  path: "/twincore/agents/{agentId}/images/{imageId}/manifest",
  auth: "paired",
  summary: "The manifest of a volume image, as its file is.",
  input: ImageRefInput,
  body: "none",
  output: null,
  answer: "stream",
  idempotent: true,
  handler: () => import("@/lib/engine/pull/read-image").then((m) => m.readImageManifest),
});

export const readImageRecords = operation({
  name: "ReadImageRecords",
  isOwn: true,
  method: "POST",
  path: "/twincore/agents/{agentId}/images/{imageId}/records",
  auth: "paired",
  summary: "Keys in, records as frames out, as they are stored. Only records of the part of the image that is named.",
  input: ReadRecordsInput,
  body: "stream",
  output: null,
  answer: "stream",
  idempotent: true,
  handler: () => import("@/lib/engine/pull/read-image").then((m) => m.readImageRecords),
});

export const readLeadingMetadata = operation({
  name: "ReadLeadingMetadata",
  isOwn: true,
  method: "GET",
  path: "/twincore/agents/{agentId}/metadata",
  auth: "paired",
  summary:
    "The agent's names, labels and volumes, and what changed of its points since the caller's last acknowledgement.",
  input: AgentRef,
  body: "none",
  output: LeadingMetadata,
  answer: "json",
  xmlRoot: "leadingMetadata",
  idempotent: true,
  handler: () => import("@/lib/engine/pull/read-metadata").then((m) => m.readLeadingMetadata),
});

export const acknowledgePull = operation({
  name: "AcknowledgePull",
  isOwn: true,
  method: "POST",
  path: "/twincore/agents/{agentId}/pulled",
  auth: "paired",
  summary: "How far the caller is: its newest complete recovery point, and what it has heard of the metadata.",
  input: AcknowledgeInput,
  body: "json",
  inputRoots: ["pulled"],
  output: null,
  answer: "none",
  idempotent: true,
  handler: () => import("@/lib/engine/pull/acknowledge").then((m) => m.acknowledgePull),
});

export const startPullJob = operation({
  name: "StartPullJob",
  isOwn: true,
  method: "POST",
  path: "/twincore/pull-jobs",
  auth: "paired",
  summary: "Begin, or go on with, a run that fetches; the answer is its id here.",
  input: RemoteReplicationJobRequest,
  body: "json",
  inputRoots: ["remoteReplicationJobRequest"],
  output: Id,
  answer: "json",
  xmlRoot: "guid",
  idempotent: true,
  handler: () => import("@/lib/engine/pull/start-job").then((m) => m.startPullJob),
});

export const pullOperations = [
  selectLeadingPoints,
  describeLeadingPoint,
  readImageManifest,
  readImageRecords,
  readLeadingMetadata,
  acknowledgePull,
  startPullJob,
] as const;
