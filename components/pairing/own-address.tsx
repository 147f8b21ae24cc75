"use client";

import { useQuery } from "@tanstack/react-query";
import { CodeLine } from "@/components/ui/copy";
import { Skeleton } from "@/components/ui/skeleton";
import { thisCoreQuery } from "./queries";

/** Where peers reach this core: what the other administrator types in. */
export function OwnAddress() {
  const { data } = useQuery(thisCoreQuery());
  return data ? <CodeLine label="the peer address">{data.peerUrl}</CodeLine> : <Skeleton className="h-9" />;
}
