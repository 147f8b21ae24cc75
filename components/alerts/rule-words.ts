import type { AlertRule, QuietHours } from "@/lib/engine/alert-rules/schemas";
import type { AlertKind } from "@/lib/engine/alerts/schemas";
import { SEVERITY_WORDS } from "./words";

export interface Names {
  readonly channels: ReadonlyMap<string, string>;
  readonly tenants: ReadonlyMap<string, string>;
}

const DAY_NAMES = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

/** 1 = Monday … 7 = Sunday. */
export const dayName = (day: number): string => DAY_NAMES[day - 1] ?? "";

/** "rpo-at-risk" → "RPO at risk". */
export function kindInWords(kind: AlertKind): string {
  const words = kind.replaceAll("-", " ").replace(/\brpo\b/g, "RPO");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** A rule as a person would say it. */
export function ruleInWords(rule: AlertRule, { channels, tenants }: Names): string[] {
  const severity = { info: "All alerts", warning: "Warnings and worse", critical: "Critical alerts" }[rule.minSeverity];
  const kinds = rule.kinds.length > 0 ? ` (${rule.kinds.map(kindInWords).join(", ")})` : "";
  const named = rule.tenantIds.map((id) => tenants.get(id) ?? "a tenant");
  const whose = named.length > 0 ? ` of ${named.join(", ")}` : "";
  const channel = channels.get(rule.channelId) ?? "a channel";
  const over = rule.tellCleared ? ", and again when they are over" : "";
  const sentences = [`${severity}${kinds}${whose} go to ${channel}${over}.`];
  if (rule.quiet) sentences.push(`${quietInWords(rule.quiet, rule.timeZone)}${anyway(rule)}`);
  return sentences;
}

function quietInWords({ from, to, days }: QuietHours, timeZone: string): string {
  const when = days.length === 0 ? "every day" : days.map((day) => dayName(day)).join(", ");
  const until = to > from ? to : `${to} of the next day`;
  return `Quiet from ${from} until ${until}, ${when} (${timeZone}): what is still open then is told in one go.`;
}

const anyway = ({ criticalAnyway }: AlertRule): string =>
  criticalAnyway ? ` ${SEVERITY_WORDS.critical.label} alerts do not wait.` : "";
