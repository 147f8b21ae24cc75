import { CircleAlert, CircleCheck, CircleDashed, type LucideIcon, OctagonX, TriangleAlert } from "lucide-react";
import type { Tone } from "@/components/ui/badge";
import type { QuotaMeter, QuotaReport, QuotaState } from "@/lib/engine/quotas/schemas";
import { formatBytes } from "@/lib/format";

export const QUOTA_STATE_WORDS: Readonly<Record<QuotaState, { label: string; tone: Tone; icon: LucideIcon }>> = {
  none: { label: "No quota", tone: "neutral", icon: CircleDashed },
  ok: { label: "Within quota", tone: "ok", icon: CircleCheck },
  soft: { label: "Above soft quota", tone: "warn", icon: TriangleAlert },
  hard: { label: "Using overage", tone: "danger", icon: CircleAlert },
  over: { label: "Full: refusing", tone: "danger", icon: OctagonX },
};

export const METERS: Readonly<Record<QuotaMeter, { title: string; hint: string }>> = {
  stored: { title: "Stored", hint: "New bytes of its recovery points here, after deduplication and compression." },
  protected: { title: "Protected", hint: "Size of the newest recovery point of each machine." },
};

/** Beyond so many bytes new data is refused; null: never. */
export const refusedFrom = ({ hardBytes, overageBytes }: Pick<QuotaReport, "hardBytes" | "overageBytes">) =>
  hardBytes === null ? null : hardBytes + overageBytes;

/** "40 GiB of 100 GiB and 10 GiB of overage", "40 GiB, no quota" */
export function usedText({ usedBytes, softBytes, hardBytes, overageBytes }: QuotaReport): string {
  const used = formatBytes(usedBytes);
  if (hardBytes === null)
    return softBytes === null ? `${used}, no quota` : `${used} of ${formatBytes(softBytes)} (soft)`;
  return `${used} of ${formatBytes(hardBytes)}${overageBytes > 0 ? ` + ${formatBytes(overageBytes)} overage` : ""}`;
}

const DAY_MS = 86_400_000;
/** A date nearer than this is bold: orders and decisions take as long. */
const SOON_DAYS = 14;

/** What is known of the day on which it will be used up. `isSoon`: worth to be seen at a glance. */
export function predictionText(report: QuotaReport, now: Date): { text: string; isSoon: boolean } | null {
  const { predictedExhaustionAt, state, hardBytes } = report;
  if (state === "none") return null;
  if (state === "over") return { text: "New data is refused until there is room.", isSoon: true };
  const what = hardBytes === null ? "the soft quota is reached" : "new data will be refused";
  if (predictedExhaustionAt === null)
    return { text: "It does not grow, or has not been measured for three days: no date can be said.", isSoon: false };
  const at = new Date(predictedExhaustionAt);
  const days = Math.max(0, Math.round((at.getTime() - now.getTime()) / DAY_MS));
  const day = at.toLocaleDateString("en-GB", { day: "numeric", month: "long", year: "numeric" });
  const when = days === 0 ? "today" : days === 1 ? "tomorrow" : `in about ${days} days`;
  return { text: `As it grew in the last 30 days, ${what} ${when}: ${day}.`, isSoon: days <= SOON_DAYS };
}
