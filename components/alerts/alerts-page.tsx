"use client";

import type { Route } from "next";
import Link from "next/link";
import { useSearchParams } from "next/navigation";
import { useMay } from "@/components/shell/me";
import { cn } from "@/components/ui/cn";
import { PageHeader } from "@/components/ui/page-header";
import { adminContract } from "@/lib/admin/contract";
import { AlertList } from "./alert-list";
import { ChannelsPanel } from "./channels-panel";
import { DeliveriesPanel } from "./deliveries-panel";
import { RulesPanel } from "./rules-panel";

const TABS = {
  alerts: { label: "Alerts", row: adminContract.listAlerts, show: AlertList },
  channels: { label: "Channels", row: adminContract.listChannels, show: ChannelsPanel },
  rules: { label: "Rules", row: adminContract.listAlertRules, show: RulesPanel },
  deliveries: { label: "Deliveries", row: adminContract.listDeliveries, show: DeliveriesPanel },
} as const;
type Tab = keyof typeof TABS;

/** Alerts and whom they are told; which part of it is in the address. */
export function AlertsPage() {
  const may = useMay();
  const asked = useSearchParams().get("tab");
  const open = (Object.keys(TABS) as Tab[]).filter((tab) => may(TABS[tab].row));
  const current = open.find((tab) => tab === asked) ?? "alerts";
  const Shown = TABS[current].show;
  return (
    <>
      <PageHeader
        title="Alerts"
        description="What people should know of before it hurts. Each clears itself when its cause is over."
      />
      {open.length > 1 && (
        <nav
          aria-label="Alerts and channels"
          className="mb-4 flex w-fit max-w-full flex-wrap rounded-md border bg-surface p-0.5"
        >
          {open.map((tab) => (
            <Link
              key={tab}
              href={(tab === "alerts" ? "/alerts" : `/alerts?tab=${tab}`) as Route}
              aria-current={tab === current ? "page" : undefined}
              className={cn(
                "rounded px-3 py-1.5 text-sm touch:py-2.5",
                tab === current ? "bg-petrol-soft font-medium text-petrol" : "text-muted hover:bg-hover hover:text-ink",
              )}
            >
              {TABS[tab].label}
            </Link>
          ))}
        </nav>
      )}
      <Shown />
    </>
  );
}
