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
});
export type Volume = z.infer<typeof Volume>;

export const AgentSummary = z.object({
  id: Id,
  name: z.string(),
  hostName: z.string(),
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
});
export type AgentSummary = z.infer<typeof AgentSummary>;

export const AgentDetail = AgentSummary.extend({ volumes: z.array(Volume) });
export type AgentDetail = z.infer<typeof AgentDetail>;

export const ListAgentsInput = PageInput.extend({
  search: z.string().max(200).optional(),
  origin: z.enum(["local", "replicated"]).optional(),
});
export type ListAgentsInput = z.infer<typeof ListAgentsInput>;
