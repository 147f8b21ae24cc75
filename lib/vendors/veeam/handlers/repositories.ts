import "server-only";
import type { z } from "zod";
import type { EngineContext } from "@/lib/engine/context";
import { findCore } from "@/lib/engine/core";
import {
  createRepository,
  deleteRepository,
  getHolding,
  inspectFolder,
  listHoldings,
  updateRepository,
} from "@/lib/engine/repositories";
import type { VendorCall } from "../../row";
import { toBackupRepository } from "../convert/repository";
import type { CreateRepositoryInput, ListRepositoriesInput, RepositoryInput, UpdateRepositoryInput } from "../schemas";
import { linkerOf } from "../values";

/** This collection has no pages: more repositories than these no core has. */
const REPOSITORIES_MAX = 10_000;

export async function listRepositories(
  ctx: EngineContext,
  { query }: z.output<typeof ListRepositoriesInput>,
  call: VendorCall,
) {
  const core = await findCore(ctx);
  if (query.proxyId !== undefined && query.proxyId !== core.id) return { body: [] };
  const { items } = await listHoldings(ctx, { tenantId: null, limit: REPOSITORIES_MAX, offset: 0 });
  const link = linkerOf(call);
  return { body: items.map((item) => toBackupRepository(item, core, link)) };
}

export async function getRepository(ctx: EngineContext, { id }: z.output<typeof RepositoryInput>, call: VendorCall) {
  const [core, holding] = await Promise.all([findCore(ctx), getHolding(ctx, { id, tenantId: null })]);
  return { body: toBackupRepository(holding, core, linkerOf(call)) };
}

/** A folder that is a repository already is taken over, as this API does with one that holds backups. */
export async function createBackupRepository(
  ctx: EngineContext,
  { body }: z.output<typeof CreateRepositoryInput>,
  call: VendorCall,
) {
  const { name, path, description } = body;
  const attach = path !== undefined && (await inspectFolder(ctx, { path })).kind === "repository";
  const { id } = await createRepository(ctx, { name, path, description: description ?? "", attach });
  return getRepository(ctx, { id }, call);
}

export async function updateBackupRepository(
  ctx: EngineContext,
  { id, body }: z.output<typeof UpdateRepositoryInput>,
  call: VendorCall,
) {
  await updateRepository(ctx, { id, name: body.name ?? undefined, description: body.description ?? undefined });
  return getRepository(ctx, { id }, call);
}

export async function deleteBackupRepository(ctx: EngineContext, { id }: z.output<typeof RepositoryInput>) {
  await deleteRepository(ctx, { id });
  return {};
}
