"use client";

import { Check, X } from "lucide-react";
import Link from "next/link";
import { useState } from "react";
import { useMay } from "@/components/shell/me";
import { Button } from "@/components/ui/button";
import { RelativeTime } from "@/components/ui/relative-time";
import { adminContract } from "@/lib/admin/contract";
import type { PairingSummary, WantedAgent } from "@/lib/engine/pairing/schemas";
import { formatBytes, formatNumberOf } from "@/lib/format";
import { ApproveAgents } from "./agent-approve-sheet";
import { DenyAgents } from "./agent-deny-dialog";
import { openAgents } from "./agent-words";

/** Agents of one peer that wait for this core's answer. Shows nothing when none does. */
export function AgentRequestCard({ pairing }: { pairing: PairingSummary }) {
  const [answer, setAnswer] = useState<"approve" | "deny" | null>(null);
  const may = useMay();
  const agents = openAgents(pairing);
  if (agents.length === 0) return null;
  const close = () => setAnswer(null);
  // What was said of all of them is shown once.
  const common = agents.every(({ message }) => message === agents[0]?.message) ? agents[0]?.message : undefined;
  return (
    <article
      aria-label={`Agents of ${pairing.peerName} that ask to be replicated`}
      className="min-w-0 rounded-lg border border-l-4 border-l-copper bg-surface"
    >
      <div className="grid gap-3 p-4">
        <div className="min-w-0">
          <h3 className="break-words font-semibold text-lg">
            <Link href={`/pairing/${pairing.id}`} className="hover:underline">
              {pairing.peerName}
            </Link>
          </h3>
          <p className="text-muted text-sm">
            {`is paired and wants to replicate ${formatNumberOf(agents.length, "more agent")} to this core`}
          </p>
        </div>
        {common && (
          <blockquote className="whitespace-pre-wrap break-words border-copper/50 border-l-2 pl-3 text-muted text-sm">
            {common}
          </blockquote>
        )}
        <AgentList agents={agents} common={common} />
      </div>
      {may(adminContract.approveAgents) && (
        <div className="flex flex-wrap gap-2 border-t px-4 py-3">
          <Button tone="primary" className="max-sm:flex-1" onClick={() => setAnswer("approve")}>
            <Check aria-hidden />
            Approve…
          </Button>
          <Button className="max-sm:flex-1" onClick={() => setAnswer("deny")}>
            <X aria-hidden />
            Deny…
          </Button>
        </div>
      )}
      {answer === "approve" && <ApproveAgents pairing={pairing} onClose={close} />}
      {answer === "deny" && <DenyAgents pairing={pairing} onClose={close} />}
    </article>
  );
}

function AgentList({ agents, common }: { agents: readonly WantedAgent[]; common?: string }) {
  return (
    <ul className="max-h-64 overflow-y-auto border-t text-sm">
      {agents.map((agent) => (
        <li key={agent.agentId} className="grid gap-1 border-b py-1.5 last:border-b-0">
          <span className="flex flex-wrap items-baseline justify-between gap-x-3">
            <span className="min-w-0 break-words">
              <span className="font-medium">{agent.name}</span>
              {agent.hostName && agent.hostName !== agent.name && (
                <span className="ml-1.5 text-muted text-xs">{agent.hostName}</span>
              )}
            </span>
            <span className="shrink-0 text-muted">
              {`${formatBytes(agent.sizeBytes)}, asked `}
              <RelativeTime at={agent.requestedAt} />
            </span>
          </span>
          {agent.message !== "" && agent.message !== common && (
            <span className="break-words text-muted text-xs">{`“${agent.message}”`}</span>
          )}
        </li>
      ))}
    </ul>
  );
}
