"use client";

import { useQuery } from "@tanstack/react-query";
import { ChevronRight } from "lucide-react";
import { useState } from "react";
import { PagedTable } from "@/components/feedback/paged-table";
import { QueryView } from "@/components/feedback/query-view";
import { Button } from "@/components/ui/button";
import { type Column, DataTable } from "@/components/ui/data-table";
import { Dialog } from "@/components/ui/dialog";
import { formatDay, formatDecimalBytes, formatLongDay, formatMonth } from "@/components/usage/figures";
import { SamplesSheet } from "@/components/usage/samples-sheet";
import type {
  StatementDay,
  StatementDetail,
  StatementLine,
  StatementLineDetail,
} from "@/lib/engine/statements/schemas";
import { formatDuration, formatNumberOf } from "@/lib/format";
import { formatDecimal, formatQuantity } from "./figures";
import { statementDaysQuery, statementLineQuery } from "./queries";

interface LineItemProps {
  line: StatementLine;
  statement: StatementDetail;
}

/** A line of a bill: quantity × price = amount; opened, its formula and days. */
export function LineItem({ line, statement }: LineItemProps) {
  const [isOpen, setOpen] = useState(false);
  const priced = statement.currency !== "";
  return (
    <li className="border-b last:border-b-0">
      <details open={isOpen} onToggle={(event) => setOpen(event.currentTarget.open)} className="group">
        <summary className="flex list-none items-start gap-2 px-3.5 py-2.5 hover:bg-hover [&::-webkit-details-marker]:hidden">
          <ChevronRight
            className="mt-0.5 size-4 shrink-0 text-muted transition-transform group-open:rotate-90"
            aria-hidden
          />
          <span className="grid min-w-0 flex-1 gap-x-4 gap-y-0.5 sm:grid-cols-[minmax(0,1fr)_auto]">
            <span className="min-w-0 break-words font-medium text-sm">{line.description}</span>
            {priced && (
              <span data-figures data-amount className="font-medium text-sm sm:text-right">
                {formatDecimal(line.amount, statement.currencyDigits)}{" "}
                <span className="text-muted text-xs">{statement.currency}</span>
              </span>
            )}
            <span data-figures className="text-muted text-xs">
              {formatQuantity(line.quantity, line.unit)}
              {priced && ` × ${formatDecimal(line.unitPrice, 2)} ${statement.currency}`}
            </span>
          </span>
        </summary>
        {isOpen && <OpenLine line={line} statement={statement} />}
      </details>
    </li>
  );
}

function OpenLine({ line, statement }: LineItemProps) {
  const query = useQuery(statementLineQuery(statement.id, line.position));
  return (
    <div className="grid gap-2 border-t bg-sunken/50 pb-2">
      <p data-figures className="break-words px-3.5 pt-2.5 text-sm">
        <span className="font-medium">How it was measured: </span>
        {line.formula}
      </p>
      <QueryView query={query} what="the days of this line">
        {(detail) => <LineDays detail={detail} statement={statement} />}
      </QueryView>
    </div>
  );
}

type LineDay = StatementLineDetail["days"][number];

function LineDays({ detail, statement }: { detail: StatementLineDetail; statement: StatementDetail }) {
  const [day, setDay] = useState<string | null>(null);
  const { correction, days, line } = detail;
  if (correction)
    return (
      <p className="px-3.5 text-sm">
        {`Corrects ${formatMonth(correction.month)}: “${correction.reason}”, by ${correction.createdBy.replace(/^account:/, "")}.`}
      </p>
    );
  if (days.length === 0) return <p className="px-3.5 text-muted text-sm">No day is behind this line.</p>;
  return (
    <>
      <DataTable
        label={`Days of ${line.description}`}
        rows={days}
        columns={dayColumns(detail, setDay)}
        rowKey={(row) => row.day}
      />
      {day && <DaySheet statement={statement} day={day} onClose={() => setDay(null)} />}
    </>
  );
}

const dayColumns = ({ line }: StatementLineDetail, open: (day: string) => void): readonly Column<LineDay>[] => [
  {
    id: "day",
    header: "Day",
    cell: (row) => (
      <Button tone="ghost" size="sm" className="-ml-2.5" onClick={() => open(row.day)}>
        {formatLongDay(row.day)}
      </Button>
    ),
  },
  { id: "agents", header: "Agents", align: "right", cell: (row) => String(row.agents) },
  {
    id: "missing",
    header: "Not measured",
    align: "right",
    cell: (row) =>
      row.missingSeconds === 0 ? (
        <span className="text-muted">no gap</span>
      ) : (
        <span className="text-warn">{formatDuration(row.missingSeconds)}</span>
      ),
  },
  { id: "counted", header: countedOf(line), align: "right", cell: (row) => formatDecimal(row.counted, 0) },
  { id: "quantity", header: line.unit, align: "right", cell: (row) => formatDecimal(row.quantity, 2) },
];

function countedOf({ meter }: StatementLine): string {
  if (meter === "transferred") return "Bytes";
  return meter === "agents" ? "Agent-seconds" : "Byte-seconds";
}

/** The agents of one day of a bill; each opens to its samples. */
function DaySheet({ statement, day, onClose }: { statement: StatementDetail; day: string; onClose: () => void }) {
  const [agentId, setAgentId] = useState<string | null>(null);
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      variant="sheet"
      wide
      title={`${formatLongDay(day)}, ${statement.tenantName}`}
      description="What each agent had that day; each opens to its samples."
    >
      <div className="-mx-4">
        <PagedTable
          options={statementDaysQuery(statement.id, day)}
          what="the agents of this day"
          label={`Agents on ${formatDay(day)}`}
          columns={agentColumns(setAgentId)}
          rowKey={(row) => `${row.agentId} ${row.repositoryId}`}
          empty={<p className="px-4 py-3 text-muted text-sm">{formatNumberOf(0, "agent")} on this day.</p>}
        />
      </div>
      {agentId && (
        <SamplesSheet agentId={agentId} day={day} tenantId={statement.tenantId} onClose={() => setAgentId(null)} />
      )}
    </Dialog>
  );
}

const agentColumns = (open: (agentId: string) => void): readonly Column<StatementDay>[] => [
  {
    id: "agent",
    header: "Agent",
    cell: (row) => (
      <Button tone="ghost" size="sm" className="-ml-2.5 max-w-full" onClick={() => open(row.agentId)}>
        <span className="truncate">{row.agentName}</span>
      </Button>
    ),
  },
  { id: "repository", header: "Repository", cell: (row) => row.repositoryName },
  {
    id: "measured",
    header: "Measured",
    align: "right",
    cell: (row) =>
      row.missingSeconds > 0 ? (
        <span className="text-warn">{`${formatDuration(row.missingSeconds)} missing`}</span>
      ) : (
        formatDuration(row.measuredSeconds)
      ),
  },
  { id: "stored", header: "Stored, mean", align: "right", cell: (row) => meanOf(row.storedByteSeconds, row) },
  { id: "protected", header: "Protected, mean", align: "right", cell: (row) => meanOf(row.protectedByteSeconds, row) },
  { id: "transferred", header: "Transferred", align: "right", cell: (row) => formatDecimalBytes(row.transferredBytes) },
  {
    id: "reported",
    header: "Its source says",
    align: "right",
    cell: (row) =>
      row.reportedBytes === null ? <span className="text-muted">nothing</span> : formatDecimalBytes(row.reportedBytes),
  },
];

/** For people only: what is charged are the byte-seconds. */
const meanOf = (byteSeconds: string, { measuredSeconds }: StatementDay) =>
  measuredSeconds === 0 ? "–" : formatDecimalBytes(Number(byteSeconds) / measuredSeconds);
