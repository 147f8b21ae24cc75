import { z } from "zod";
import { Failure, Id, Instant } from "@/lib/engine/schemas";

export const OperationKind = z.enum([
  "capture",
  "restore",
  "delete-point",
  "delete-agent",
  "delete-repository",
  "replicate-image",
  "sync-repository",
]);
export type OperationKind = z.infer<typeof OperationKind>;

export const OperationState = z.enum(["waiting", "running", "succeeded", "failed", "cancelled", "skipped"]);
export type OperationState = z.infer<typeof OperationState>;

/** Something that this core was asked to do, whatever keeps it: a task, a replication record, a repository sync, a deletion. */
export const Operation = z.object({
  id: Id,
  kind: OperationKind,
  state: OperationState,
  /** null: it is about no single tenant. */
  tenantId: Id.nullable(),
  repository: z.object({ id: Id, name: z.string().nullable() }).nullable(),
  agent: z.object({ id: Id, name: z.string().nullable() }).nullable(),
  recoveryPointId: Id.nullable(),
  image: z.object({ id: Id, volumeName: z.string().nullable() }).nullable(),
  progressPercent: z.number().int().min(0).max(100),
  failure: Failure.nullable(),
  /** Replications: where to. */
  destination: z.object({ coreId: Id.nullable(), coreName: z.string(), repositoryId: Id }).nullable(),
  /** What it made, removed and could not do: recovery points adopted, lost, files that could not be read. */
  counts: z.object({ added: z.number().int(), removed: z.number().int(), failed: z.number().int() }),
  createdAt: Instant,
  startedAt: Instant.nullable(),
  updatedAt: Instant,
  endedAt: Instant.nullable(),
});
export type Operation = z.infer<typeof Operation>;

export const ListOperationsInput = z.object({
  /** null: all tenants. What is about no single tenant is always in it. */
  tenantId: Id.nullable(),
  id: Id.optional(),
  kinds: z.array(OperationKind).optional(),
  states: z.array(OperationState).optional(),
  repositoryId: Id.optional(),
  repositoryName: z.string().max(255).optional(),
  /** Of an agent or of an image's volume. */
  resourceId: Id.optional(),
  resourceName: z.string().max(255).optional(),
  from: z.date().optional(),
  to: z.date().optional(),
  limit: z.number().int().min(0).max(1000),
  offset: z.number().int().min(0).max(1_000_000).default(0),
});
export type ListOperationsInput = z.input<typeof ListOperationsInput>;
