"use client";

import { useQuery } from "@tanstack/react-query";
import { QueryError } from "@/components/feedback/query-error";
import { type Fact, Figures } from "@/components/ui/facts";
import { Skeleton } from "@/components/ui/skeleton";
import { METERS, type MeterName } from "@/lib/engine/usage/schemas";
import type { StorageOutlook } from "@/lib/engine/usage-outlook/schemas";
import { formatChange, formatFigure, formatLongDay } from "./figures";
import { storageOutlookQuery, usageReportQuery } from "./queries";
import { daysOf, type UsageView } from "./view";
import { METER_WORDS } from "./words";

/** What there is now of each meter and how it moved, and when the storage will be full. */
export function UsageTiles({ view: { tenantId, agentId } }: { view: UsageView }) {
  const days = daysOf("30d");
  const of = (meter: MeterName) =>
    usageReportQuery({ groupBy: "tenant", meter, tenantId, agentId, ...days, groups: 1 });
  const stored = useQuery(of("stored"));
  const guarded = useQuery(of("protected"));
  const transferred = useQuery(of("transferred"));
  const agents = useQuery(of("agents"));
  const outlook = useQuery(storageOutlookQuery());
  const queries = { stored, protected: guarded, transferred, agents };
  const failed = [...Object.values(queries), outlook].find((query) => query.error && !query.data);
  if (failed?.error)
    return <QueryError error={failed.error} what="the figures" onRetry={() => void failed.refetch()} />;
  const items: Fact[] = METERS.map((meter) => ({
    label: meter === "transferred" ? "Transferred in 30 days" : `${METER_WORDS[meter].label} now`,
    value: <Tile meter={meter} sum={queries[meter].data?.sum} />,
  }));
  return <Figures items={[...items, { label: "Storage is full", value: <Full outlook={outlook.data} /> }]} />;
}

interface TileProps {
  meter: MeterName;
  sum?: { latest: number; total: number; monthBefore: number | null };
}

function Tile({ meter, sum }: TileProps) {
  if (!sum) return <Skeleton className="h-9 w-24" />;
  const change = formatChange(sum.total, sum.monthBefore);
  return (
    <>
      {formatFigure(meter, meter === "transferred" ? sum.total : sum.latest)}
      <Note>{change ? `${change} against the month before` : "nothing to compare with yet"}</Note>
    </>
  );
}

/** The repository that will be full first; growth goes on as in the last weeks. */
function Full({ outlook }: { outlook?: StorageOutlook }) {
  if (!outlook) return <Skeleton className="h-9 w-24" />;
  const [first] = outlook.repositories;
  if (!first) return <Note>no repository</Note>;
  if (first.fullOn === null)
    return (
      <>
        not in sight
        <Note>no repository grows towards its end</Note>
      </>
    );
  return (
    <>
      {formatLongDay(first.fullOn)}
      <Note>{`${first.name}, if it grows on like this`}</Note>
    </>
  );
}

const Note = ({ children }: { children: string }) => (
  <span className="mt-0.5 block font-normal text-muted text-xs tracking-normal">{children}</span>
);
