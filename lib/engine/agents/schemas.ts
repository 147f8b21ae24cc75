import { z } from "zod";
import { Bytes, Id, Instant, PageInput } from "@/lib/engine/schemas";

const Name = z.string().trim().min(1).max(120);

export const VolumeInput = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("folder"),
    name: Name,
    path: z.string().min(1).max(4096),
    excludes: z.array(z.string().min(1).max(1024)).max(200).default([]),
  }),
  z.object({ kind: z.literal("image"), name: Name, path: z.string().min(1).max(4096) }),
  z.object({ kind: z.literal("stream"), name: Name }),
]);
export type VolumeInput = z.infer<typeof VolumeInput>;

export const CreateAgentInput = z.object({
  name: Name,
  hostName: z.string().trim().max(253).default(""),
  repositoryId: Id,
  volumes: z.array(VolumeInput).max(64).default([]),
});
export type CreateAgentInput = z.infer<typeof CreateAgentInput>;

export const Volume = z.object({
  id: Id,
  name: z.string(),
  kind: z.enum(["folder", "image", "stream"]),
  path: z.string().nullable(),
  excludes: z.array(z.string()),
  /** Declared size of a disk that this core keeps itself; null: the path is a person's. */
  managedBytes: Bytes.nullable(),
  /** Of its own; null: that of its agent counts. */
  policy: z.object({ id: Id, name: z.string() }).nullable(),
});
export type Volume = z.infer<typeof Volume>;

/** machine: a protected one · test_copy: what a failover test works on · set_aside: keeps the points of the side that lost after a split. */
export const AgentKind = z.enum(["machine", "test_copy", "set_aside"]);
export type AgentKind = z.infer<typeof AgentKind>;

export const AgentSummary = z.object({
  id: Id,
  name: z.string(),
  hostName: z.string(),
  kind: AgentKind,
  /** Of a test copy and of points that were set aside: whose; null once that one is gone. */
  parent: z.object({ id: Id, name: z.string() }).nullable(),
  /** null: captured on this core. */
  source: z.object({ pairingId: Id, coreName: z.string() }).nullable(),
  repository: z.object({ id: Id, name: z.string() }),
  recoveryPoints: z.number().int(),
  newestPointAt: Instant.nullable(),
  logicalBytes: Bytes,
  /** Pack bytes its recovery points brought in. */
  storedBytes: Bytes,
  quotaBytes: Bytes.nullable(),
  createdAt: Instant,
  /** Since when it is being deleted with its recovery points; null: it is not. */
  deletionAskedAt: Instant.nullable(),
});
export type AgentSummary = z.infer<typeof AgentSummary>;

export const AgentPolicy = z.object({ id: z.string(), name: z.string(), summary: z.string() });
export type AgentPolicy = z.infer<typeof AgentPolicy>;

export const AgentDetail = AgentSummary.extend({
  volumes: z.array(Volume),
  /** Free words of its people; a replica's are those of the source. */
  labels: z.array(z.string()),
  /** Replica: the policies that protect it on the source. */
  policies: z.array(AgentPolicy),
  /** Replica: when the source's metadata last arrived. */
  metadataAt: Instant.nullable(),
  /** The source whose word counts for its labels; null: people here decide. */
  ledBy: z.string().nullable(),
  /** The policy that protects it as a whole; of a replica the source's. */
  policy: z.object({ id: Id, name: z.string() }).nullable(),
  /** When its policies look next whether to capture it; null: no policy captures it here. */
  nextCaptureAt: Instant.nullable(),
  /** Why the last capture of a policy could not begin. */
  captureFailure: z.object({ message: z.string(), at: Instant }).nullable(),
});
export type AgentDetail = z.infer<typeof AgentDetail>;

export const ListAgentsInput = PageInput.extend({
  search: z.string().max(200).optional(),
  tenantId: Id.optional(),
  /** local: machines that are protected on this core; copies and what was set aside are none. */
  origin: z.enum(["local", "replicated"]).optional(),
});
export type ListAgentsInput = z.infer<typeof ListAgentsInput>;

export const UpdateAgentInput = z.object({
  id: Id,
  /** In order; given twice counts once. */
  labels: z
    .array(
      z.string().trim().min(1, "A label has at least one character.").max(60, "A label has at most 60 characters."),
    )
    .max(50, "An agent has at most 50 labels."),
});
export type UpdateAgentInput = z.infer<typeof UpdateAgentInput>;
