import type { EngineContext } from "@/lib/engine/context";
import { findCore } from "@/lib/engine/core";
import {
  listActiveReplications,
  listWaitingReplications,
  queueRecoveryPoints,
  queueStatuses,
  restartReplication,
} from "@/lib/engine/replication-queue";
import { getReplicationSettings, updateReplicationSettings } from "@/lib/engine/replication-settings";
import { toActive, toInactive } from "../convert/queue";
import { LOCAL_SYSTEM, numberOf, QUEUE_WORDS, STRATEGY_WORDS, strategyOf } from "../convert/words";
import { done } from "../output";
import { type PagingInput, toPage } from "./paging";

interface ListInput extends PagingInput {
  sid?: number | undefined;
}

/** The local system sends everything; another one is asked for what goes to it. */
const peerNumberOf = ({ sid }: ListInput): number | undefined =>
  sid === undefined || sid === LOCAL_SYSTEM ? undefined : numberOf(sid);

async function activeRows(ctx: EngineContext, input: ListInput) {
  const [core, entries] = await Promise.all([findCore(ctx), listActiveReplications(ctx, peerNumberOf(input))]);
  const now = ctx.now().toISOString();
  return entries.map((entry, index) => toActive(entry, index + 1, core.name, now));
}

async function inactiveRows(ctx: EngineContext, input: ListInput) {
  const { items, total } = await listWaitingReplications(ctx, { peerNumber: peerNumberOf(input), ...toPage(input) });
  return { inactive: items.map(toInactive), total };
}

export async function getQueue(ctx: EngineContext, input: ListInput) {
  const [active, { inactive, total }] = await Promise.all([activeRows(ctx, input), inactiveRows(ctx, input)]);
  return { body: { data: [{ start_position: input.start_position ?? 1, total_inactive: total, active, inactive }] } };
}

export async function getActive(ctx: EngineContext, input: ListInput) {
  return { body: { active: [await activeRows(ctx, input)] } };
}

export async function getInactive(ctx: EngineContext, input: ListInput) {
  return { body: { inactive: [(await inactiveRows(ctx, input)).inactive] } };
}

export async function getStrategy(ctx: EngineContext) {
  const { queueStrategy } = await getReplicationSettings(ctx, {});
  return { body: { strategy: STRATEGY_WORDS[queueStrategy] } };
}

export async function setStrategy(ctx: EngineContext, { strategy }: { strategy: string }) {
  await updateReplicationSettings(ctx, { queueStrategy: strategyOf(strategy) ?? undefined });
  return { body: done() };
}

export async function addToQueue(ctx: EngineContext, input: { backup_id: number; target?: string | undefined }) {
  await queueRecoveryPoints(ctx, { numbers: [input.backup_id], target: input.target });
  return { body: done() };
}

export async function resetQueue(ctx: EngineContext, { backups }: { backups: number[] }) {
  await queueRecoveryPoints(ctx, { numbers: backups });
  return { body: done() };
}

export async function restart(ctx: EngineContext) {
  await restartReplication(ctx);
  return { body: done() };
}

export async function isInQueue(ctx: EngineContext, { backup_ids }: { backup_ids: number[] }) {
  const found = await queueStatuses(ctx, backup_ids);
  return {
    body: { QueueStatus: found.map(({ number, status }) => ({ backup_id: number, status: QUEUE_WORDS[status] })) },
  };
}
