"use client";

import type { ReactNode } from "react";
import { type Column, DataTable } from "@/components/ui/data-table";
import { SkeletonRows } from "@/components/ui/skeleton";
import { Pager } from "./pager";
import { QueryError } from "./query-error";
import { type PagedOptions, usePaged } from "./use-paged";

interface PagedTableProps<T> {
  options: PagedOptions<T>;
  /** What is listed, for messages: "the agents". */
  what: string;
  label: string;
  columns: readonly Column<T>[];
  rowKey: (row: T) => string;
  href?: (row: T) => string;
  empty: ReactNode;
}

/** A list by cursor with its four faces: loading, refused, empty, rows. */
export function PagedTable<T>({ options, what, label, columns, rowKey, href, empty }: PagedTableProps<T>) {
  const { query, rows, total } = usePaged(options);
  return (
    <>
      {query.error && <QueryError error={query.error} what={what} onRetry={() => void query.refetch()} />}
      {query.isPending && <SkeletonRows label={what} />}
      {query.data && rows.length === 0 && empty}
      {rows.length > 0 && <DataTable label={label} rows={rows} columns={columns} rowKey={rowKey} href={href} />}
      <Pager
        shown={rows.length}
        total={total}
        hasMore={query.hasNextPage}
        pending={query.isFetchingNextPage}
        onMore={() => void query.fetchNextPage()}
      />
    </>
  );
}
