import { formatBytes } from "@/lib/format";
import type { QuotaMeter, QuotaState } from "./schemas";

/** How much may be used, in bytes. */
export interface Limits {
  readonly softBytes: number | null;
  readonly hardBytes: number | null;
  readonly overageBytes: number;
}

/** Beyond so many bytes new data is refused; null: never. */
export const limitOf = ({ hardBytes, overageBytes }: Limits): number | null =>
  hardBytes === null ? null : hardBytes + overageBytes;

/** Where so many used bytes stand. Pure. */
export function stateOf(usedBytes: number, limits: Limits | null): QuotaState {
  if (!limits) return "none";
  const { softBytes, hardBytes } = limits;
  const limit = limitOf(limits);
  if (limit !== null && usedBytes >= limit) return "over";
  if (hardBytes !== null && usedBytes >= hardBytes) return "hard";
  return softBytes !== null && usedBytes >= softBytes ? "soft" : "ok";
}

const SEVERITY: readonly QuotaState[] = ["none", "ok", "soft", "hard", "over"];
export const worse = (one: QuotaState, other: QuotaState): QuotaState =>
  SEVERITY.indexOf(one) >= SEVERITY.indexOf(other) ? one : other;

export const METER_WORDS: Readonly<Record<QuotaMeter, string>> = {
  stored: "stored data",
  protected: "protected data",
};

export interface Binding {
  /** "this agent", "the tenant “Acme”" */
  readonly whose: string;
  readonly meter: QuotaMeter;
  readonly limits: Limits;
  readonly usedBytes: number;
  /** What the new data would bring it to. */
  readonly wouldBytes: number;
}

/** Why new data is refused, for the people of both cores: whose quota, which, how much, and what helps. */
export function refusalWords({ whose, meter, limits, usedBytes, wouldBytes }: Binding): string {
  const { hardBytes, overageBytes } = limits;
  const most = formatBytes(hardBytes ?? 0) + (overageBytes > 0 ? ` and ${formatBytes(overageBytes)} of overage` : "");
  const come = Math.max(0, wouldBytes - usedBytes);
  return (
    `The quota of ${whose} for ${METER_WORDS[meter]} has no room: ${formatBytes(usedBytes)} of ${most} are in use, ` +
    `${come > 0 ? `and ${formatBytes(come)} more would come` : "and the new recovery point does not lower that"}. ` +
    "Nothing of it was taken. Ask the administrator of the core that keeps the recovery points for more, or let old ones be deleted there; " +
    "it goes on by itself when there is room."
  );
}
