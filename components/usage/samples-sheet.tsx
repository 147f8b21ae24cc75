"use client";

import { useQuery } from "@tanstack/react-query";
import { QueryView } from "@/components/feedback/query-view";
import { type Column, DataTable } from "@/components/ui/data-table";
import { Dialog } from "@/components/ui/dialog";
import type { UsagePiece, UsageSample, UsageSamples } from "@/lib/engine/usage/schemas";
import { formatCount, formatDuration, formatNumberOf } from "@/lib/format";
import { formatDecimalBytes, formatLongDay } from "./figures";
import { usageSamplesQuery } from "./queries";

interface SamplesSheetProps {
  agentId: string;
  day: string;
  tenantId?: string;
  onClose: () => void;
}

/** One agent's day taken apart: what was measured when, for how long each figure held, and what that comes to. */
export function SamplesSheet({ agentId, day, tenantId, onClose }: SamplesSheetProps) {
  const query = useQuery(usageSamplesQuery({ agentId, day, tenantId }));
  const [first] = query.data?.days ?? [];
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      variant="sheet"
      wide
      title={first ? `${first.agentName}, ${formatLongDay(day)}` : formatLongDay(day)}
      description="How the day's figures were measured, and how they add up."
    >
      <QueryView query={query} what="the samples">
        {(samples) => <Samples samples={samples} zone={first?.timeZone ?? "UTC"} />}
      </QueryView>
    </Dialog>
  );
}

function Samples({ samples, zone }: { samples: UsageSamples; zone: string }) {
  const { pieces, samples: rows, reported, measurements, days } = samples;
  return (
    <div className="-mx-4 grid gap-5">
      <Section title="How it adds up" note="bytes × seconds for which they were there">
        <DataTable
          label="Stretches with the same figures"
          rows={pieces}
          columns={pieceColumns(zone)}
          rowKey={(piece) => `${piece.from} ${piece.repositoryId}`}
        />
        {days.map((day) => (
          <p key={day.id} data-figures className="border-t px-3.5 py-2.5 text-sm">
            <span className="font-semibold">{`Day in ${day.repositoryName}: `}</span>
            {`stored ${grouped(day.storedByteSeconds)} byte-seconds, protected ${grouped(day.protectedByteSeconds)} byte-seconds, in ${formatDuration(day.measuredSeconds)} measured`}
            {day.missingSeconds > 0 && (
              <span className="text-warn">{`, ${formatDuration(day.missingSeconds)} missing and not charged`}</span>
            )}
          </p>
        ))}
      </Section>
      <Section
        title="Samples in the ledger"
        note={`the whole core was measured ${formatNumberOf(measurements.length, "time")}`}
      >
        <DataTable
          label="Samples"
          rows={rows}
          columns={sampleColumns(zone)}
          rowKey={(row) => `${row.at} ${row.repositoryId}`}
        />
        {rows.length === 0 && <p className="px-3.5 py-2 text-muted text-sm">None that counts in this day.</p>}
      </Section>
      <Section title="What the source says of itself" note="beside ours; not charged">
        {reported.length > 0 ? (
          <DataTable
            label="Figures of the source"
            rows={reported}
            columns={sampleColumns(zone)}
            rowKey={(row) => row.at}
          />
        ) : (
          <p className="px-3.5 py-2 text-muted text-sm">Nothing on this day.</p>
        )}
      </Section>
    </div>
  );
}

function Section({ title, note, children }: { title: string; note: string; children: React.ReactNode }) {
  return (
    <section className="min-w-0">
      <h3 className="border-b px-4 pb-1.5 font-semibold text-sm">
        {title} <span className="font-normal text-muted text-xs">{note}</span>
      </h3>
      {children}
    </section>
  );
}

const timeOf = (at: string, zone: string) =>
  new Intl.DateTimeFormat("en-GB", { dateStyle: "short", timeStyle: "short", timeZone: zone }).format(new Date(at));

/** "12345678" → "12,345,678": whole numbers of any length. */
const grouped = (whole: string) => whole.replace(/\B(?=(\d{3})+$)/g, ",");

const pieceColumns = (zone: string): readonly Column<UsagePiece>[] => [
  { id: "from", header: "From", cell: (piece) => timeOf(piece.from, zone) },
  {
    id: "time",
    header: "For",
    cell: (piece) =>
      piece.missingSeconds > 0 ? (
        <span className="text-warn">{`${formatDuration(piece.missingSeconds)} missing`}</span>
      ) : (
        formatDuration(piece.measuredSeconds)
      ),
  },
  { id: "stored", header: "Stored", align: "right", cell: (piece) => formatDecimalBytes(piece.storedBytes) },
  { id: "protected", header: "Protected", align: "right", cell: (piece) => formatDecimalBytes(piece.protectedBytes) },
  {
    id: "stored-seconds",
    header: "Stored byte-seconds",
    align: "right",
    cell: (piece) => grouped(piece.storedByteSeconds),
  },
];

const sampleColumns = (zone: string): readonly Column<UsageSample>[] => [
  { id: "at", header: "At", cell: (row) => timeOf(row.at, zone) },
  {
    id: "stored",
    header: "Stored",
    align: "right",
    cell: (row) => (row.storedBytes === null ? "not said" : formatDecimalBytes(row.storedBytes)),
  },
  { id: "protected", header: "Protected", align: "right", cell: (row) => formatDecimalBytes(row.protectedBytes) },
  { id: "points", header: "Points", align: "right", cell: (row) => formatCount(row.recoveryPoints) },
  {
    id: "end",
    header: "",
    cell: (row) => (row.isEnd ? <span className="text-muted text-xs">gone from then on</span> : ""),
  },
];
