import "server-only";
import type { z } from "zod";
import { getAgent, listAgents } from "@/lib/engine/agents";
import type { EngineContext } from "@/lib/engine/context";
import { findCore, VERSION } from "@/lib/engine/core";
import { listOperations, type Operation, type OperationKind } from "@/lib/engine/operations";
import { getTenantName, listTenants } from "@/lib/engine/tenants";
import { notFound } from "@/lib/errors";
import type { VendorCall } from "../../row";
import { NO_LICENSING, toJob, toJobSession, toOrganization, toProxy, toRestoreSession } from "../convert/collections";
import type { JobSessionsInput, PageInput, RepositoryInput } from "../schemas";
import { type Linker, linkerOf, toPage } from "../values";

/** Collections without pages: as many as their clients can use. */
const ITEMS_MAX = 10_000;
/** The engine's own largest page. */
const OPERATIONS_MAX = 1_000;

type ById = z.output<typeof RepositoryInput>;

export async function getServiceInstance(ctx: EngineContext) {
  const core = await findCore(ctx);
  return { body: { installationId: core.id, version: VERSION } };
}

export async function listProxies(ctx: EngineContext, _: unknown, call: VendorCall) {
  return { body: [toProxy(await findCore(ctx), linkerOf(call))] };
}

export async function getProxy(ctx: EngineContext, { id }: ById, call: VendorCall) {
  const core = await findCore(ctx);
  if (core.id !== id) throw notFound("proxy");
  return { body: toProxy(core, linkerOf(call)) };
}

export async function listOrganizations(ctx: EngineContext, _: unknown, call: VendorCall) {
  const link = linkerOf(call);
  const { items } = await listTenants(ctx, { limit: ITEMS_MAX });
  return { body: items.map((tenant) => toOrganization(tenant, link)) };
}

export async function getOrganization(ctx: EngineContext, { id }: ById, call: VendorCall) {
  return { body: toOrganization(await getTenantName(ctx, { id }), linkerOf(call)) };
}

export async function getLicensing(ctx: EngineContext, { id }: ById) {
  const { name } = await getTenantName(ctx, { id });
  return { body: { ...NO_LICENSING, name } };
}

export async function listLicensedUsers(_ctx: EngineContext, { query }: z.output<typeof PageInput>, call: VendorCall) {
  return { body: toPage({ items: [], total: 0 }, query, "LicensedUsers", linkerOf(call)) };
}

/** Repositories of this core lie in folders; it keeps none in object storage. */
export async function listObjectStorage() {
  return { body: [] };
}

export async function getObjectStorage(): Promise<never> {
  throw notFound("object storage repository");
}

export async function listJobs(ctx: EngineContext, _: unknown, call: VendorCall) {
  const link = linkerOf(call);
  const { items } = await listAgents(ctx, { origin: "local", limit: ITEMS_MAX });
  return { body: items.map((agent) => toJob(agent, link)) };
}

export async function getJob(ctx: EngineContext, { id }: ById, call: VendorCall) {
  return { body: toJob(await getAgent(ctx, { id }), linkerOf(call)) };
}

export async function listJobSessions(
  ctx: EngineContext,
  { id, query }: z.output<typeof JobSessionsInput>,
  call: VendorCall,
) {
  await getAgent(ctx, { id });
  return {
    body: await pageOf(ctx, "capture", { query, call, at: `jobs/${id}/jobsessions`, resourceId: id }, toJobSession),
  };
}

export async function listRestoreSessions(ctx: EngineContext, { query }: z.output<typeof PageInput>, call: VendorCall) {
  return { body: await pageOf(ctx, "restore", { query, call, at: "restoresessions" }, toRestoreSession) };
}

interface Wanted {
  readonly query: { limit: number; offset: number };
  readonly call: VendorCall;
  /** Address of the collection below the version. */
  readonly at: string;
  readonly resourceId?: string;
}

async function pageOf<T>(
  ctx: EngineContext,
  kind: OperationKind,
  { query, call, at, resourceId }: Wanted,
  convert: (operation: Operation, link: Linker) => T,
) {
  // Links lead on from what is really in the page.
  const page = { offset: query.offset, limit: Math.min(query.limit, OPERATIONS_MAX) };
  const link = linkerOf(call);
  const { items, total } = await listOperations(ctx, { tenantId: null, kinds: [kind], resourceId, ...page });
  return toPage({ items: items.map((one) => convert(one, link)), total }, page, at, link);
}
