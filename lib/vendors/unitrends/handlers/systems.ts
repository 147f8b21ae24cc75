import type { z } from "zod";
import type { EngineContext } from "@/lib/engine/context";
import { getOverview } from "@/lib/engine/core";
import { listPeers } from "@/lib/engine/pairing";
import type { PairingState } from "@/lib/engine/pairing/schemas";
import { listRepositories } from "@/lib/engine/repositories";
import { toLocalSystem, toStorage, toSystem } from "../convert/peers";
import { LOCAL_SYSTEM, numberOf } from "../convert/words";
import { done } from "../output";
import { type PagingInput, toPage } from "./paging";

interface ListSystems extends PagingInput {
  sid?: number | undefined;
  include_pending?: boolean | undefined;
  include_rejected?: boolean | undefined;
}

export async function listSystems(ctx: EngineContext, input: ListSystems) {
  const [local, others] = await Promise.all([localSystem(ctx, input), otherSystems(ctx, input)]);
  return { body: { appliance: [...local, ...others] } };
}

async function localSystem(ctx: EngineContext, { sid, start_position = 1 }: ListSystems) {
  if ((sid !== undefined && sid !== LOCAL_SYSTEM) || start_position > 1) return [];
  const [overview, sources] = await Promise.all([
    getOverview(ctx, {}),
    listPeers(ctx, { side: "target", states: ["established"], limit: 1 }),
  ]);
  return [toLocalSystem(overview, sources.total > 0, ctx.now().toISOString())];
}

async function otherSystems(ctx: EngineContext, input: ListSystems) {
  const { sid, include_pending = true, include_rejected = false } = input;
  if (sid === LOCAL_SYSTEM) return [];
  const states: z.infer<typeof PairingState>[] = ["established"];
  if (include_pending) states.push("pending");
  if (include_rejected) states.push("denied");
  // A request has its number, negative, for an id.
  const number = sid === undefined ? undefined : sid < 0 ? -sid : numberOf(sid);
  if (number === 0) return [];
  const { items } = await listPeers(ctx, { states, number, ...toPage(input) });
  return items.filter(({ state }) => sid === undefined || (state === "established") === sid > 0).map(toSystem);
}

/** More repositories than a picker shows. */
const STORAGE_MAX = 200;

export async function listStorage(ctx: EngineContext, { sid }: { sid?: number | undefined }) {
  if (sid !== undefined && sid !== LOCAL_SYSTEM) return { body: { storage: [] } };
  const { items } = await listRepositories(ctx, { limit: STORAGE_MAX });
  const first = Math.min(...items.map(({ number }) => number));
  return { body: { storage: items.map((repository) => toStorage(repository, repository.number === first)) } };
}

/** Every core is a target from its first start; what is told of a VPN has nothing to set. */
export async function makeTarget(ctx: EngineContext) {
  const { core } = await getOverview(ctx, {});
  return { body: done(`This core takes requests of others${core.peerUrl ? ` at ${core.peerUrl}` : ""}.`) };
}
