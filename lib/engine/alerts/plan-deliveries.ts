import { isAbout } from "@/lib/engine/alert-rules/match";
import { quietUntil } from "@/lib/engine/alert-rules/quiet";
import type { AlertRule } from "@/lib/engine/alert-rules/schemas";
import type { AlertSeverity } from "./schemas";

/** A burst is one mail: the first of it waits this long for the others. */
const GATHER_MS = 30_000;
/** After a mail, the next one of a channel comes not before this, so that a bad hour is a dozen of mails and not a hundred. */
const SPACING_MS = 5 * 60_000;
const CRITICAL_SPACING_MS = 60_000;

export interface PlannedChannel {
  readonly id: string;
  readonly kind: "email" | "webhook";
  readonly lastDeliveredAt: Date | null;
}

/** An alert about which something is to be told. */
export interface UntoldAlert {
  readonly id: string;
  readonly kind: string;
  readonly severity: AlertSeverity;
  readonly subjectId: string;
  readonly tenantId: string | null;
  readonly title: string;
  /** It is over. */
  readonly isCleared: boolean;
  /** Channels that were told that it was raised, and no clearing yet. */
  readonly toldChannels: ReadonlySet<string>;
}

export interface PlannedDelivery {
  readonly alert: UntoldAlert;
  readonly channel: PlannedChannel;
  readonly event: "raised" | "cleared";
  readonly notBefore: Date;
}

/**
 * Whom an alert is told, and when: each channel once, however many rules say so, as early as any of them allows. A channel never hears of
 * itself, and hears that something is over only if it heard of it. Pure.
 */
export function planDeliveries(
  alert: UntoldAlert,
  channels: readonly PlannedChannel[],
  rules: readonly AlertRule[],
  now: Date,
): PlannedDelivery[] {
  return channels.flatMap((channel) => {
    if (channel.id === alert.subjectId) return [];
    if (alert.isCleared && !alert.toldChannels.has(channel.id)) return [];
    const matching = rules.filter((rule) => rule.channelId === channel.id && isAbout(rule, alert));
    const asked = alert.isCleared ? matching.filter(({ tellCleared }) => tellCleared) : matching;
    const moments = asked.map((rule) => allowedAt(rule, alert, now).getTime());
    if (moments.length === 0) return [];
    const allowed = Math.min(...moments);
    const notBefore = new Date(Math.max(allowed, gatheredAt(channel, alert, now)));
    return [{ alert, channel, event: alert.isCleared ? ("cleared" as const) : ("raised" as const), notBefore }];
  });
}

function allowedAt(rule: AlertRule, { severity, isCleared }: UntoldAlert, now: Date): Date {
  if (severity === "critical" && rule.criticalAnyway && !isCleared) return now;
  return quietUntil(rule, now) ?? now;
}

/** A person's mailbox is spared; a program takes every message by itself. */
function gatheredAt(
  { kind, lastDeliveredAt }: PlannedChannel,
  { severity, isCleared }: UntoldAlert,
  now: Date,
): number {
  if (kind === "webhook") return now.getTime();
  const spacing = severity === "critical" && !isCleared ? CRITICAL_SPACING_MS : SPACING_MS;
  const spaced = lastDeliveredAt ? lastDeliveredAt.getTime() + spacing : 0;
  return Math.max(now.getTime() + GATHER_MS, spaced);
}
