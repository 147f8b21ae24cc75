"use client";

import { useInfiniteQuery } from "@tanstack/react-query";
import { Download, ScrollText, SearchX } from "lucide-react";
import { useState } from "react";
import { QueryError } from "@/components/feedback/query-error";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { type Column, DataTable } from "@/components/ui/data-table";
import { EmptyState } from "@/components/ui/empty-state";
import { Panel } from "@/components/ui/panel";
import { RelativeTime } from "@/components/ui/relative-time";
import { SkeletonRows } from "@/components/ui/skeleton";
import type { AuditEntry, AuditFilter } from "@/lib/engine/audit/schemas";
import { formatAbsolute, formatNumberOf } from "@/lib/format";
import { EntrySheet } from "./entry-sheet";
import { AuditFilters } from "./filters";
import { auditQuery, exportUrl } from "./queries";
import { useAuditFilter } from "./use-filter";
import { actionWords, actorWords, DOOR_WORDS, RESULT_WORDS } from "./words";

/** Who did what, newest first; what is looked for stands in the address. */
export function AuditTrail() {
  const filtering = useAuditFilter();
  const query = useInfiniteQuery(auditQuery(filtering.filter));
  const [open, setOpen] = useState<AuditEntry | null>(null);
  const rows = query.data?.pages.flatMap(({ items }) => items) ?? [];
  const searchedTo = query.data?.pages.at(-1)?.searchedTo ?? null;
  const search = (wanted: Partial<AuditFilter>) => {
    setOpen(null);
    filtering.choose(wanted);
  };
  return (
    <Panel flush title="Entries" actions={<Exports filter={filtering.filter} />}>
      <AuditFilters {...filtering} />
      {query.error && <QueryError error={query.error} what="the audit trail" onRetry={() => void query.refetch()} />}
      {query.isPending && <SkeletonRows label="the audit trail" />}
      {query.data && rows.length === 0 && <None filter={filtering.filter} more={query.hasNextPage} />}
      {rows.length > 0 && (
        <DataTable label="Audit trail" rows={rows} rowKey={({ id }) => id} columns={columns(setOpen)} />
      )}
      {query.data && (
        <More
          shown={rows.length}
          searchedTo={searchedTo}
          hasMore={query.hasNextPage}
          pending={query.isFetchingNextPage}
          onMore={() => void query.fetchNextPage()}
        />
      )}
      <EntrySheet entry={open} onClose={() => setOpen(null)} onSearch={search} />
    </Panel>
  );
}

const columns = (open: (entry: AuditEntry) => void): Column<AuditEntry>[] => [
  {
    id: "what",
    header: "What",
    wide: true,
    cell: (entry) => (
      <button
        type="button"
        data-row-link
        onClick={() => open(entry)}
        className="max-w-full break-words text-left hover:underline"
      >
        <span className="font-medium">{actorWords(entry)}</span> {actionWords(entry)}
      </button>
    ),
  },
  { id: "at", header: "When", cell: ({ at }) => <RelativeTime at={at} /> },
  { id: "result", header: "Result", cell: (entry) => <Result entry={entry} /> },
  {
    id: "subject",
    header: "Subject",
    wide: true,
    cell: ({ subject }) => <span className="wrap-anywhere text-muted text-xs">{subject || "–"}</span>,
  },
  {
    id: "door",
    header: "Door",
    cell: ({ door }) => <span className="whitespace-nowrap">{DOOR_WORDS[door] ?? (door || "–")}</span>,
  },
  { id: "address", header: "Address", cell: ({ address }) => <span className="text-xs">{address || "–"}</span> },
];

function Result({ entry: { result, reason } }: { entry: AuditEntry }) {
  const { label, tone, icon } = RESULT_WORDS[result];
  if (result === "done") return <span className="text-muted">{label}</span>;
  return (
    <Badge tone={tone} icon={icon} title={reason}>
      {label}
    </Badge>
  );
}

function Exports({ filter }: { filter: AuditFilter }) {
  return (
    <>
      {(["csv", "jsonl"] as const).map((format) => (
        <Button key={format} asChild size="sm">
          <a href={exportUrl(filter, format)} download>
            <Download aria-hidden />
            {format === "csv" ? "CSV" : "JSON lines"}
          </a>
        </Button>
      ))}
    </>
  );
}

function None({ filter, more }: { filter: AuditFilter; more: boolean }) {
  if (more) return <EmptyState icon={SearchX} title="Nothing yet among the newest entries" />;
  return Object.keys(filter).length > 0 ? (
    <EmptyState icon={SearchX} title="No entry is like that" />
  ) : (
    <EmptyState icon={ScrollText} title="Nothing has happened yet" />
  );
}

interface MoreProps {
  shown: number;
  searchedTo: string | null;
  hasMore: boolean;
  pending: boolean;
  onMore: () => void;
}

/** How far the look went, and the way on. */
function More({ shown, searchedTo, hasMore, pending, onMore }: MoreProps) {
  const back = searchedTo ? `, looked back to ${formatAbsolute(new Date(searchedTo))}` : "";
  return (
    <div className="flex flex-wrap items-center justify-between gap-2 border-t px-3.5 py-2 text-muted text-xs">
      <span>{`${formatNumberOf(shown, "entry", "entries")}${back}`}</span>
      {hasMore && (
        <Button size="sm" pending={pending} onClick={onMore}>
          Look further back
        </Button>
      )}
    </div>
  );
}
