import { limitOf, METER_WORDS, worse } from "@/lib/engine/quotas/judge";
import type { QuotaReport, QuotaState } from "@/lib/engine/quotas/schemas";
import { formatBytes, formatNumberOf } from "@/lib/format";
import type { FoundAlert } from "../reconcile";

/** A tenant or an agent with quotas, as the watch reads it. */
export interface WatchedQuotas {
  readonly kind: "tenant" | "agent";
  readonly id: string;
  readonly name: string;
  readonly tenantId: string;
  readonly quotas: readonly QuotaReport[];
  /** Agents whose new data are kept out just now. */
  readonly waiting: number;
}

/** Decides whether people should know of it: one alert for both meters, by the worse of them. Pure. */
export function judgeQuotas(watched: WatchedQuotas): FoundAlert | null {
  const state = watched.quotas.reduce<QuotaState>((worst, quota) => worse(worst, quota.state), "none");
  const isFull = state === "hard" || state === "over";
  const isRefused = watched.waiting > 0;
  if (!isFull && !isRefused && state !== "soft") return null;
  const worst = watched.quotas.filter((quota) => quota.state === state && state !== "ok" && state !== "none");
  const meters = worst.map(({ meter }) => METER_WORDS[meter]).join(" and ");
  const whose = watched.kind === "tenant" ? `The tenant “${watched.name}”` : `The agent “${watched.name}”`;
  const waits = isRefused
    ? `New data of ${formatNumberOf(watched.waiting, "agent")} ${watched.waiting === 1 ? "is" : "are"} refused; it comes by itself when there is room.`
    : "";
  return {
    kind: isFull || isRefused ? "quota-hard" : "quota-soft",
    severity: isFull || isRefused ? "critical" : "warning",
    subjectKind: watched.kind,
    subjectId: watched.id,
    tenantId: watched.tenantId,
    title: titleOf(whose, state, meters),
    detail: [...worst.map(describe), waits].filter((part) => part !== "").join(" "),
  };
}

function titleOf(whose: string, state: QuotaState, meters: string): string {
  switch (state) {
    case "over":
      return `${whose} has used up its quota for ${meters}`;
    case "hard":
      return `${whose} is using the overage of its quota for ${meters}`;
    case "soft":
      return `${whose} is near its quota for ${meters}`;
    case "ok":
    case "none":
      return `${whose} has more coming than its quota takes`;
    default:
      return state satisfies never;
  }
}

function describe(quota: QuotaReport): string {
  const limit = limitOf(quota) ?? quota.softBytes ?? 0;
  const overage = quota.overageBytes > 0 ? ` with overage` : "";
  const date = quota.predictedExhaustionAt?.slice(0, 10);
  const what = METER_WORDS[quota.meter];
  const used = `${what.slice(0, 1).toUpperCase()}${what.slice(1)}: ${formatBytes(quota.usedBytes)} of ${formatBytes(limit)}${overage}.`;
  return date ? `${used} As it grows now, that is used up on ${date}.` : used;
}
