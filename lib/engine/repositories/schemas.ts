import { z } from "zod";
import { Bytes, Id, Instant, PageInput, page } from "@/lib/engine/schemas";

export const CreateRepositoryInput = z.object({
  name: z
    .string()
    .trim()
    .min(1, "Give the repository a name.")
    .max(100, "A repository name has at most 100 characters."),
  /** Absolute folder on this core's machine; made when it does not exist, and empty when it does. */
  path: z.string().min(1, "Give the folder of the repository.").max(4096),
});
export type CreateRepositoryInput = z.infer<typeof CreateRepositoryInput>;

export const GetRepositoryInput = z.object({ id: Id });
export type GetRepositoryInput = z.infer<typeof GetRepositoryInput>;

export const ListRepositoriesInput = PageInput;
export type ListRepositoriesInput = z.infer<typeof ListRepositoriesInput>;

export const RepositorySummary = z.object({
  id: Id,
  name: z.string(),
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
  /** Of the file system it lies on; both 0 when the folder cannot be reached just now. */
  freeBytes: Bytes,
  totalBytes: Bytes,
  /** false when the folder cannot be reached just now. */
  reachable: z.boolean(),
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
