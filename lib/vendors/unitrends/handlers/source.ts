import type { EngineContext } from "@/lib/engine/context";
import { answerPairing, listPeers, setPeerStorage } from "@/lib/engine/pairing";
import { resumePeers, suspendPeers } from "@/lib/engine/sessions";
import { toPending } from "../convert/peers";
import { numberOf } from "../convert/words";
import { done } from "../output";
import { type PagingInput, toPage } from "./paging";

interface Answer {
  request_id?: number | undefined;
  accept?: boolean | undefined;
  message?: string | undefined;
  storage_id?: number | undefined;
}

export async function answerRequest(ctx: EngineContext, input: Answer) {
  await answerPairing(ctx, {
    // The row refuses a call without them.
    number: input.request_id ?? 0,
    accept: input.accept ?? false,
    message: input.message ?? "",
    repositoryNumber: input.storage_id ?? null,
  });
  return { body: done() };
}

export async function setSourceStorage(
  ctx: EngineContext,
  input: { sid: number; storage_id: number; customer?: string | undefined; customer_id?: string | undefined },
) {
  await setPeerStorage(ctx, {
    number: numberOf(input.sid),
    repositoryNumber: input.storage_id,
    customerId: input.customer ?? input.customer_id,
  });
  return { body: done() };
}

export async function listPending(ctx: EngineContext, input: PagingInput & { include_rejected?: boolean | undefined }) {
  const states: ("pending" | "denied")[] = input.include_rejected ? ["pending", "denied"] : ["pending"];
  const { items } = await listPeers(ctx, { side: "target", states, ...toPage(input) });
  return { body: { pending: items.map(toPending) } };
}

export async function suspendSource(ctx: EngineContext, { source_id }: { source_id: number[] }) {
  await suspendPeers(ctx, { side: "target", numbers: source_id.map(numberOf) });
  return { body: done() };
}

export async function resumeSource(ctx: EngineContext, { source_id }: { source_id: number[] }) {
  await resumePeers(ctx, { side: "target", numbers: source_id.map(numberOf) });
  return { body: done() };
}
