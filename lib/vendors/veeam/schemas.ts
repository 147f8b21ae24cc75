import { z } from "zod";
import { optional, Paging, VeeamId } from "./values";

export const TokenInput = z.object({
  body: z.object({
    grant_type: z.string().max(255).default(""),
    username: z.string().max(254).optional(),
    password: z.string().max(1024).optional(),
    refresh_token: z.string().max(1024).optional(),
  }),
});

export const TokenOutput = z.object({
  access_token: z.string(),
  token_type: z.string(),
  refresh_token: z.string(),
  expires_in: z.number(),
  userName: z.string(),
  ".issued": z.string(),
  ".expires": z.string(),
});

export const NoInput = z.object({});
export const RepositoryInput = z.object({ id: VeeamId });
export const ListRepositoriesInput = z.object({ query: z.object({ proxyId: optional(VeeamId) }) });

/** What else a client says of retention and proxies is passed over: README.md tells what is. */
const Description = z.string().max(1000).nullish();
export const CreateRepositoryInput = z.object({
  body: z.object({
    name: z.string().trim().min(1).max(100),
    path: z.string().min(1).max(4096).optional(),
    description: Description,
  }),
});
export const UpdateRepositoryInput = z.object({
  id: VeeamId,
  body: z.object({ name: z.string().trim().min(1).max(100).nullish(), description: Description }),
});

export const ActionInput = z.object({ id: VeeamId, body: z.record(z.string(), z.unknown()) });
export const PageInput = z.object({ query: z.object(Paging) });
export const JobSessionsInput = z.object({ id: VeeamId, query: z.object(Paging) });

export const Repository = z.looseObject({
  id: z.string(),
  name: z.string(),
  description: z.string(),
  path: z.string(),
  proxyId: z.string(),
  capacityBytes: z.number(),
  freeSpaceBytes: z.number(),
  isOutOfSync: z.boolean(),
});

export const SynchronizeSession = z.object({
  id: z.string(),
  repositoryId: z.string(),
  state: z.enum(["None", "Synchronizing", "Failed"]),
  progressPercent: z.number(),
  error: z.string().optional(),
  _links: z.object({ self: z.object({ href: z.string() }), repository: z.object({ href: z.string() }) }),
});

/** A member of a collection that this core answers for completeness: what clients read of it is in README.md. */
export const Member = z.looseObject({ id: z.string() });
