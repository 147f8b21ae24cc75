"use client";

import { type InfiniteData, type UseInfiniteQueryOptions, useInfiniteQuery } from "@tanstack/react-query";

export interface Page<T> {
  items: T[];
  nextCursor: string | null;
  total: number;
}

export type PagedOptions<T> = UseInfiniteQueryOptions<
  Page<T>,
  Error,
  InfiniteData<Page<T>>,
  readonly unknown[],
  string | undefined
>;

type FetchPage<T> = (cursor: string | undefined, signal: AbortSignal) => Promise<Page<T>>;

/** Options of a list by cursor. `intervalOf` says how often to ask again, by what is shown. */
export function pagedOptions<T>(
  queryKey: readonly unknown[],
  fetchPage: FetchPage<T>,
  intervalOf: (rows: readonly T[]) => number | false = () => false,
): PagedOptions<T> {
  return {
    queryKey,
    initialPageParam: undefined,
    queryFn: ({ pageParam, signal }) => fetchPage(pageParam, signal),
    getNextPageParam: (page) => page.nextCursor ?? undefined,
    refetchInterval: (query) => intervalOf(query.state.data?.pages.flatMap((page) => page.items) ?? []),
  };
}

/** A list by cursor: its rows so far, as one. */
export function usePaged<T>(options: PagedOptions<T>) {
  const query = useInfiniteQuery(options);
  const rows = query.data?.pages.flatMap((page) => page.items) ?? [];
  return { query, rows, total: query.data?.pages[0]?.total ?? 0 };
}
