import type { EngineContext } from "@/lib/engine/context";
import {
  getReplicationSettings,
  getThrottle as readThrottle,
  SetThrottleInput,
  UpdateReplicationSettingsInput,
  updateReplicationSettings,
  setThrottle as writeThrottle,
} from "@/lib/engine/replication-settings";
import type { ThrottleWindow } from "@/lib/engine/replication-settings/schemas";
import { mergeThrottle, toConfig, toThrottle } from "../convert/settings";
import { strategyOf } from "../convert/words";
import { done } from "../output";

export async function getConfig(ctx: EngineContext) {
  return { body: { config: toConfig(await getReplicationSettings(ctx, {})) } };
}

interface GivenConfig {
  max_concurrent?: number | undefined;
  report_mail_to?: string | null | undefined;
  report_time?: string | undefined;
  queue_value?: string | undefined;
}

export async function setConfig(ctx: EngineContext, given: GivenConfig) {
  const input = UpdateReplicationSettingsInput.parse({
    maxConcurrentRuns: given.max_concurrent,
    reportMailTo: given.report_mail_to === null ? "" : given.report_mail_to,
    reportTime: given.report_time,
    queueStrategy: given.queue_value === undefined ? undefined : (strategyOf(given.queue_value) ?? undefined),
  });
  await updateReplicationSettings(ctx, input);
  return { body: done() };
}

export async function getThrottle(ctx: EngineContext) {
  return { body: toThrottle(await readThrottle(ctx, {})) };
}

interface GivenThrottle {
  throttle?: ThrottleWindow[] | undefined;
  BlockoutPeriod?: Omit<ThrottleWindow, "percentage">[] | undefined;
  bandwidth?: number | undefined;
  bandwidths?: { value: number; selected: boolean | number }[] | undefined;
  time_zone?: string | undefined;
}

export async function setThrottle(ctx: EngineContext, given: GivenThrottle) {
  const merged = mergeThrottle(await readThrottle(ctx, {}), {
    throttle: given.throttle,
    blockouts: given.BlockoutPeriod?.map((window) => ({ ...window, percentage: 0 })),
    bandwidth: given.bandwidth ?? given.bandwidths?.find(({ selected }) => Boolean(selected))?.value,
    timeZone: given.time_zone,
  });
  await writeThrottle(ctx, SetThrottleInput.parse(merged));
  return { body: done() };
}
