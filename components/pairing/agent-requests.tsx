"use client";

import { useQuery } from "@tanstack/react-query";
import { Server } from "lucide-react";
import Link from "next/link";
import { QueryView } from "@/components/feedback/query-view";
import { Button } from "@/components/ui/button";
import { Notice } from "@/components/ui/notice";
import { formatNumberOf } from "@/lib/format";
import { AgentRequestCard } from "./agent-request-card";
import { openAgents } from "./agent-words";
import { agentRequestsQuery } from "./queries";

/** Agents that paired cores ask to replicate to this one, beside the cores that ask to be let in. */
export function AgentRequests() {
  const query = useQuery(agentRequestsQuery());
  return (
    <QueryView query={query} what="the agents that ask to be replicated" loading={null}>
      {(page) =>
        page.items.length > 0 && (
          <section aria-labelledby="agent-requests" className="mb-5 grid gap-3">
            <h2 id="agent-requests" className="font-semibold">
              Agents that ask to be replicated
            </h2>
            {page.items.map((pairing) => (
              <AgentRequestCard key={pairing.id} pairing={pairing} />
            ))}
            {page.total > page.items.length && (
              <p className="text-muted text-sm">
                {`${page.total - page.items.length} more cores wait; they show as soon as these are answered.`}
              </p>
            )}
          </section>
        )
      }
    </QueryView>
  );
}

/** On the overview: that agents wait, and the way there. */
export function AgentRequestsNotice() {
  const { data } = useQuery(agentRequestsQuery());
  if (!data || data.items.length === 0) return null;
  const count = data.items.reduce((sum, pairing) => sum + openAgents(pairing).length, 0);
  const names = data.items.map((pairing) => pairing.peerName);
  return (
    <Notice
      kind="warn"
      live
      title={`${formatNumberOf(count, "agent")} ${count === 1 ? "asks" : "ask"} to be replicated to this core`}
      actions={
        <Button asChild size="sm" tone="primary">
          <Link href="/pairing">
            <Server aria-hidden />
            Review
          </Link>
        </Button>
      }
    >
      {`From ${names.slice(0, 3).join(", ")}`}
      {names.length > 3 && ` and ${names.length - 3} more`}
    </Notice>
  );
}
