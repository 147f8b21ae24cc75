import { z } from "zod";
import { Bytes, Id, Instant, PageInput, page } from "@/lib/engine/schemas";

export const CreateRepositoryInput = z.object({
  name: z
    .string()
    .trim()
    .min(1, "Give the repository a name.")
    .max(100, "A repository name has at most 100 characters."),
  /** Absolute folder on this core's machine; made when it does not exist, and empty when it does. Absent: one in the core's own home. */
  path: z.string().min(1, "Give the folder of the repository.").max(4096).optional(),
  description: z.string().trim().max(1000, "A description has at most 1,000 characters.").optional(),
  /** The folder is a repository already, of another core or of one whose database is lost: it is taken over, and synced. */
  attach: z.boolean().default(false),
});
export type CreateRepositoryInput = z.input<typeof CreateRepositoryInput>;

export const InspectFolderInput = z.object({ path: z.string().min(1).max(4096) });
export type InspectFolderInput = z.infer<typeof InspectFolderInput>;

/** What a folder of this machine is, for a form that offers to make or to attach a repository. */
export const FolderInspection = z.object({
  /** "free": it does not exist, or is empty. "repository": it can be attached. "used": a repository of this core. "other": neither. */
  kind: z.enum(["free", "repository", "used", "other"]),
  /** In words, for "other" and "used". */
  reason: z.string(),
  repository: z.object({ id: Id, createdAt: Instant }).nullable(),
});
export type FolderInspection = z.infer<typeof FolderInspection>;

export const UpdateRepositoryInput = z.object({
  id: Id,
  name: CreateRepositoryInput.shape.name.optional(),
  description: z.string().trim().max(1000, "A description has at most 1,000 characters.").optional(),
});
export type UpdateRepositoryInput = z.infer<typeof UpdateRepositoryInput>;

export const GetRepositoryInput = z.object({ id: Id });
export type GetRepositoryInput = z.infer<typeof GetRepositoryInput>;

export const ListRepositoriesInput = PageInput;
export type ListRepositoriesInput = z.infer<typeof ListRepositoriesInput>;

export const RepositorySummary = z.object({
  id: Id,
  /** On this core, for clients that know numbers only. */
  number: z.number().int().positive(),
  name: z.string(),
  /** Its folder; "" for accounts that are bound to tenants. */
  path: z.string(),
  createdAt: Instant,
  /** Bytes of its packs: after deduplication and compression. */
  storedBytes: Bytes,
  /** Bytes of all volume images as their owners see them. */
  logicalBytes: Bytes,
  recoveryPoints: z.number().int().nonnegative(),
  agents: z.number().int().nonnegative(),
  /** Records in its packs. */
  records: z.number().int().nonnegative(),
  /** Of the file system it lies on; both 0 when the folder cannot be reached just now, and for accounts that are bound to tenants. */
  freeBytes: Bytes,
  totalBytes: Bytes,
  /** false when the folder cannot be reached just now. */
  reachable: z.boolean(),
  /** When a sync with its storage last ended well; null: never. */
  syncedAt: Instant.nullable(),
  /** Its storage is known to hold something else than the catalog says: a sync is needed. */
  isOutOfSync: z.boolean(),
  /** Recovery points whose files are missing or damaged. */
  lostPoints: z.number().int().nonnegative(),
  /** logicalBytes / storedBytes; null while nothing is stored. */
  dedupFactor: z.number().nonnegative().nullable(),
});
export type RepositorySummary = z.infer<typeof RepositorySummary>;

export const RepositoryPage = page(RepositorySummary);
export type RepositoryPage = z.infer<typeof RepositoryPage>;

export const RepositoryUsageSample = z.object({
  at: Instant,
  storedBytes: Bytes,
  logicalBytes: Bytes,
  recoveryPoints: z.number().int().nonnegative(),
});
export type RepositoryUsageSample = z.infer<typeof RepositoryUsageSample>;

export const RepositoryDetail = RepositorySummary.extend({
  /** The newest 1,000, oldest first. */
  samples: z.array(RepositoryUsageSample),
});
export type RepositoryDetail = z.infer<typeof RepositoryDetail>;

/** An agent in a repository, with what it keeps there. */
export const HeldAgent = z.object({
  id: Id,
  name: z.string(),
  /** Another core is current for it: it is captured there. */
  isReplica: z.boolean(),
  policyId: Id.nullable(),
  state: z.enum(["available", "capturing", "restoring", "deleting"]),
  recoveryPoints: z.number().int().nonnegative(),
  storedBytes: Bytes,
  /** Logical bytes of its newest recovery point; 0 while it has none. */
  protectedBytes: Bytes,
});
export type HeldAgent = z.infer<typeof HeldAgent>;

/** A repository as one tenant has it: what is of others is not counted. */
export const RepositoryHolding = z.object({
  id: Id,
  name: z.string(),
  description: z.string(),
  path: z.string(),
  createdAt: Instant,
  syncedAt: Instant.nullable(),
  isOutOfSync: z.boolean(),
  storedBytes: Bytes,
  freeBytes: Bytes,
  totalBytes: Bytes,
  reachable: z.boolean(),
  /** Replicas of other cores come to it. */
  holdsReplicas: z.boolean(),
  /** The first 256 by name. */
  agents: z.array(HeldAgent),
});
export type RepositoryHolding = z.infer<typeof RepositoryHolding>;

export const ListHoldingsInput = z.object({
  /** null: all tenants. */
  tenantId: Id.nullable(),
  id: Id.optional(),
  name: z.string().max(255).optional(),
  /** Those that hold one of these agents. */
  agentIds: z.array(Id).max(1000).optional(),
  /** Those that hold an agent with this policy. */
  policyId: Id.optional(),
  holdsReplicas: z.boolean().optional(),
  limit: z.number().int().min(1).max(10_000),
  offset: z.number().int().min(0).max(1_000_000),
});
export type ListHoldingsInput = z.infer<typeof ListHoldingsInput>;
