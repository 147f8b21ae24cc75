"use client";

import type { Route } from "next";
import Link from "next/link";
import { useSearchParams } from "next/navigation";
import { PlansTab } from "@/components/plans/plans-tab";
import { cn } from "@/components/ui/cn";
import { PageHeader } from "@/components/ui/page-header";
import { CorrectionsTab } from "./corrections-tab";
import { MonthTab } from "./month-tab";

const TABS = { statements: "Statements", plans: "Plans", corrections: "Corrections" } as const;
type Tab = keyof typeof TABS;

/** What tenants owe, by the month; what it is charged by; what people corrected. */
export function StatementsPage() {
  const asked = useSearchParams().get("tab");
  const tab: Tab = asked !== null && Object.hasOwn(TABS, asked) ? (asked as Tab) : "statements";
  return (
    <>
      <PageHeader
        title="Statements"
        description="What each tenant used and owes, by the month of its own time zone. A draft follows the ledger; a final one is frozen."
      />
      <Tabs current={tab} />
      {tab === "statements" && <MonthTab />}
      {tab === "plans" && <PlansTab />}
      {tab === "corrections" && <CorrectionsTab />}
    </>
  );
}

function Tabs({ current }: { current: Tab }) {
  return (
    <nav aria-label="Billing" className="mb-4 flex w-fit max-w-full flex-wrap rounded-md border bg-surface p-0.5">
      {Object.entries(TABS).map(([tab, label]) => (
        <Link
          key={tab}
          href={(tab === "statements" ? "/statements" : `/statements?tab=${tab}`) as Route}
          aria-current={tab === current ? "page" : undefined}
          className={cn(
            "rounded px-3 py-1.5 text-sm touch:py-2.5",
            tab === current ? "bg-petrol-soft font-medium text-petrol" : "text-muted hover:bg-hover hover:text-ink",
          )}
        >
          {label}
        </Link>
      ))}
    </nav>
  );
}
