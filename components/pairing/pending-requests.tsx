"use client";

import { useQuery } from "@tanstack/react-query";
import { Handshake } from "lucide-react";
import Link from "next/link";
import { QueryView } from "@/components/feedback/query-view";
import { Button } from "@/components/ui/button";
import { Notice } from "@/components/ui/notice";
import { Skeleton } from "@/components/ui/skeleton";
import { formatNumberOf } from "@/lib/format";
import { pendingQuery } from "./queries";
import { RequestCard } from "./request-card";
import { WaitingCard } from "./waiting-card";

/** What waits for an answer: here first, then what this core itself has asked for. */
export function PendingRequests() {
  const requests = useQuery(pendingQuery("target"));
  const waiting = useQuery(pendingQuery("source"));
  return (
    <>
      <QueryView query={requests} what="the pending requests" loading={<Skeleton className="mb-4 h-40" />}>
        {(page) =>
          page.items.length > 0 && (
            <section aria-label="Requests that wait for an answer" className="mb-5 grid gap-3">
              {page.items.map((request) => (
                <RequestCard key={request.id} request={request} />
              ))}
            </section>
          )
        }
      </QueryView>
      {waiting.data && waiting.data.items.length > 0 && (
        <section aria-label="Requests of this core" className="mb-5 grid gap-3">
          {waiting.data.items.map((request) => (
            <WaitingCard key={request.id} request={request} />
          ))}
        </section>
      )}
    </>
  );
}

/** On the overview: that somebody waits, and the way there. */
export function PendingRequestsNotice() {
  const { data } = useQuery(pendingQuery("target"));
  if (!data || data.items.length === 0) return null;
  const names = data.items.map((request) => request.peerName);
  return (
    <Notice
      kind="warn"
      live
      title={`${formatNumberOf(names.length, "core")} ${names.length === 1 ? "asks" : "ask"} to be let in`}
      actions={
        <Button asChild size="sm" tone="primary">
          <Link href="/pairing">
            <Handshake aria-hidden />
            Review
          </Link>
        </Button>
      }
    >
      {names.slice(0, 3).join(", ")}
      {names.length > 3 && ` and ${names.length - 3} more`}
    </Notice>
  );
}
