import "server-only";
import type { z } from "zod";
import type { EngineContext } from "@/lib/engine/context";
import { getSyncSession, listSyncSessions, startSync, stopSync } from "@/lib/engine/sync-sessions";
import { invalidInput } from "@/lib/errors";
import type { VendorCall } from "../../row";
import { toSynchronizeSession } from "../convert/sync-session";
import type { ActionInput, RepositoryInput } from "../schemas";
import { linkerOf } from "../values";

/** This collection has no pages: the newest of them. */
const SESSIONS_MAX = 200;

export async function synchronize(ctx: EngineContext, { id }: z.output<typeof RepositoryInput>, call: VendorCall) {
  return { body: toSynchronizeSession(await startSync(ctx, { repositoryId: id }), linkerOf(call)) };
}

/** {"sync": null}: one name, which says what to do; its value says nothing. */
export async function actOnRepository(
  ctx: EngineContext,
  { id, body }: z.output<typeof ActionInput>,
  call: VendorCall,
) {
  if (actionOf(body) === "sync") return synchronize(ctx, { id }, call);
  throw invalidInput('The action must be {"sync": null}.');
}

export async function listSessions(ctx: EngineContext, _: unknown, call: VendorCall) {
  const { items } = await listSyncSessions(ctx, { limit: SESSIONS_MAX });
  const link = linkerOf(call);
  return { body: items.map((item) => toSynchronizeSession(item, link)) };
}

export async function getSession(ctx: EngineContext, { id }: z.output<typeof RepositoryInput>, call: VendorCall) {
  return { body: toSynchronizeSession(await getSyncSession(ctx, { id }), linkerOf(call)) };
}

export async function stopSession(ctx: EngineContext, { id }: z.output<typeof RepositoryInput>) {
  await stopSync(ctx, { id });
  return {};
}

export async function actOnSession(ctx: EngineContext, { id, body }: z.output<typeof ActionInput>) {
  if (actionOf(body) === "stop") return stopSession(ctx, { id });
  throw invalidInput('The action must be {"stop": {}}.');
}

/** The one name in the body, in any letter case; null: there is none, or more than one. */
function actionOf(body: Readonly<Record<string, unknown>>): string | null {
  const [name, ...others] = Object.keys(body);
  return name === undefined || others.length > 0 ? null : name.toLowerCase();
}
