"use client";

import { useQuery } from "@tanstack/react-query";
import { ChartLine } from "lucide-react";
import { QueryView } from "@/components/feedback/query-view";
import { EmptyState } from "@/components/ui/empty-state";
import { Panel } from "@/components/ui/panel";
import { SeriesChart } from "@/components/ui/series-chart";
import { overviewQuery } from "./queries";

/** What all repositories together hold, over time. */
export function UsageOverTime() {
  const query = useQuery(overviewQuery());
  return (
    <Panel title="Storage over time" note="all repositories">
      <QueryView query={query} what="the usage">
        {(overview) =>
          overview.usage.length === 0 ? (
            <EmptyState icon={ChartLine} title="Not measured yet">
              Usage is measured regularly and after every recovery point.
            </EmptyState>
          ) : (
            <SeriesChart
              summary="Bytes stored in all repositories over time, and the same before deduplication."
              points={overview.usage}
              series={[
                { key: "storedBytes", label: "Stored" },
                { key: "logicalBytes", label: "Before deduplication", dashed: true },
              ]}
            />
          )
        }
      </QueryView>
    </Panel>
  );
}
