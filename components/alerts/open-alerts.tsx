"use client";

import { useQuery } from "@tanstack/react-query";
import { Bell } from "lucide-react";
import Link from "next/link";
import { Button } from "@/components/ui/button";
import { Notice } from "@/components/ui/notice";
import { formatNumberOf } from "@/lib/format";
import { alertCountsQuery, openAlertsQuery } from "./queries";

/** On the overview: what nobody sees to yet, and the way there. */
export function OpenAlertsNotice() {
  const { data: counts } = useQuery(alertCountsQuery());
  const { data: page } = useQuery(openAlertsQuery());
  if (!counts || counts.open === 0 || !page) return null;
  const more = counts.open - page.items.length;
  return (
    <Notice
      kind={counts.openCritical > 0 ? "danger" : "warn"}
      live
      title={`${formatNumberOf(counts.open, "alert")} that nobody sees to yet`}
      actions={
        <Button asChild size="sm">
          <Link href="/alerts">
            <Bell aria-hidden />
            Alerts
          </Link>
        </Button>
      }
    >
      <ul>
        {page.items.map((alert) => (
          <li key={alert.id}>{alert.title}</li>
        ))}
      </ul>
      {more > 0 && <p className="text-muted">{`and ${more} more`}</p>}
    </Notice>
  );
}
