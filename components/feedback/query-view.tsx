"use client";

import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { SkeletonRows } from "@/components/ui/skeleton";
import { QueryError } from "./query-error";

interface QueryViewProps<T> {
  query: UseQueryResult<T>;
  what: string;
  children: (data: T) => ReactNode;
  loading?: ReactNode;
}

/** The three faces of a query. What was shown once stays while a later refresh fails: the notice comes on top. */
export function QueryView<T>({ query, what, children, loading }: QueryViewProps<T>) {
  if (query.data === undefined) {
    if (query.error) return <QueryError error={query.error} what={what} onRetry={() => void query.refetch()} />;
    return loading ?? <SkeletonRows label={what} />;
  }
  return (
    <>
      {query.error && <QueryError error={query.error} what={`${what} afresh`} onRetry={() => void query.refetch()} />}
      {children(query.data)}
    </>
  );
}
