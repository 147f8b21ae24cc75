"use client";

import type { Route } from "next";
import { usePathname, useRouter, useSearchParams } from "next/navigation";
import { Id } from "@/lib/engine/schemas";
import { Day, MeterName, UsageGroupBy } from "@/lib/engine/usage/schemas";

export const RANGES = {
  "30d": { days: 30, label: "30 days" },
  "90d": { days: 90, label: "90 days" },
  "12m": { days: 365, label: "12 months" },
} as const;
export type Range = keyof typeof RANGES;

/** What of the usage is looked at; all of it stands in the address. */
export interface UsageView {
  meter: MeterName;
  range: Range;
  by: Exclude<UsageGroupBy, "agent">;
  tenantId?: string;
  agentId?: string;
  day?: string;
}

const DAY_MS = 86_400_000;

/** First and last day of a range, as calendar days. */
export function daysOf(range: Range, now = new Date()): { from: string; to: string } {
  const from = new Date(now.getTime() - (RANGES[range].days - 1) * DAY_MS);
  return { from: from.toISOString().slice(0, 10), to: now.toISOString().slice(0, 10) };
}

/** The view in the address, and a way to another one. */
export function useUsageView() {
  const router = useRouter();
  // The same page with another query: always a route that exists.
  const pathname = usePathname() as Route;
  const asked = useSearchParams();
  const by = UsageGroupBy.exclude(["agent"]).safeParse(asked.get("by")).data ?? "tenant";
  const range = asked.get("range");
  const view: UsageView = {
    meter: MeterName.safeParse(asked.get("meter")).data ?? "stored",
    range: range !== null && Object.hasOwn(RANGES, range) ? (range as Range) : "30d",
    by,
    tenantId: Id.safeParse(asked.get("tenant")).data,
    agentId: Id.safeParse(asked.get("agent")).data,
    day: Day.safeParse(asked.get("day")).data,
  };
  const change = (changes: Readonly<Record<string, string | null>>, push = false) => {
    const next = new URLSearchParams(asked);
    for (const [name, value] of Object.entries(changes)) {
      if (value === null) next.delete(name);
      else next.set(name, value);
    }
    const target = next.size > 0 ? (`${pathname}?${next}` as Route) : pathname;
    if (push) router.push(target, { scroll: false });
    else router.replace(target, { scroll: false });
  };
  return { view, change };
}

/** The address of a view: for links. */
export function addressOf({ meter, range, by, tenantId, agentId }: UsageView): string {
  const query = new URLSearchParams({ meter, range });
  if (by !== "tenant") query.set("by", by);
  if (tenantId) query.set("tenant", tenantId);
  if (agentId) query.set("agent", agentId);
  return `/usage?${query}`;
}
