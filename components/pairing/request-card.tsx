"use client";

import { Check, MoonStar, X } from "lucide-react";
import { useState } from "react";
import { useMay } from "@/components/shell/me";
import { Button } from "@/components/ui/button";
import { CopyText } from "@/components/ui/copy";
import { type Fact, Facts } from "@/components/ui/facts";
import { RelativeTime } from "@/components/ui/relative-time";
import { adminContract } from "@/lib/admin/contract";
import type { PairingSummary, WantedAgent } from "@/lib/engine/pairing/schemas";
import { formatBytes, formatNumberOf } from "@/lib/format";
import { ApprovalSheet } from "./approval-sheet";
import { Comparison } from "./comparison";
import { DenyDialog } from "./deny-dialog";
import { IgnoreDialog } from "./ignore-dialog";

type Answer = "approve" | "deny" | "ignore";

/** One request that waits for this core's answer: who, where from, what, the code, and the three answers. */
export function RequestCard({ request }: { request: PairingSummary }) {
  const [answer, setAnswer] = useState<Answer | null>(null);
  const may = useMay();
  const close = (open: boolean) => !open && setAnswer(null);
  return (
    <article
      aria-label={`Pairing request of ${request.peerName}`}
      className="min-w-0 rounded-lg border border-l-4 border-l-copper bg-surface"
    >
      <div className="grid gap-x-4 gap-y-3 p-4 md:grid-cols-[minmax(0,1fr)_20rem]">
        <div className="min-w-0 md:col-span-2">
          <h2 className="break-words font-semibold text-lg">{request.peerName}</h2>
          <p className="text-muted text-sm">
            wants to replicate {formatNumberOf(request.wantedAgents.length, "agent")} to this core, asked{" "}
            <RelativeTime at={request.requestedAt} />
          </p>
        </div>
        <div className="grid min-w-0 content-start gap-3 md:order-last">
          <Comparison request={request}>
            Call {request.contactEmail || "the other side"} and compare: their screen must show the same.
          </Comparison>
          <WantedAgents agents={request.wantedAgents} />
        </div>
        <div className="min-w-0">
          <Facts items={whoAndWhere(request)} />
          {request.comments && (
            <blockquote className="mt-3 whitespace-pre-wrap break-words border-copper/50 border-l-2 pl-3 text-muted text-sm">
              {request.comments}
            </blockquote>
          )}
        </div>
      </div>
      {may(adminContract.approvePairing) && (
        <div className="flex flex-wrap gap-2 border-t px-4 py-3">
          <Button tone="primary" className="max-sm:w-full" onClick={() => setAnswer("approve")}>
            <Check aria-hidden />
            Approve…
          </Button>
          <Button className="max-sm:flex-1" onClick={() => setAnswer("deny")}>
            <X aria-hidden />
            Deny…
          </Button>
          <Button className="max-sm:flex-1" tone="ghost" onClick={() => setAnswer("ignore")}>
            <MoonStar aria-hidden />
            Ignore…
          </Button>
        </div>
      )}
      <ApprovalSheet request={request} open={answer === "approve"} onOpenChange={close} />
      <DenyDialog request={request} open={answer === "deny"} onOpenChange={close} />
      <IgnoreDialog request={request} open={answer === "ignore"} onOpenChange={close} />
    </article>
  );
}

function whoAndWhere(request: PairingSummary): Fact[] {
  const facts: (Fact | false)[] = [
    { label: "Customer", value: request.customerId || "not given" },
    { label: "Contact", value: request.contactEmail || "not given" },
    { label: "Address", value: request.peerAddress ?? "unknown" },
    request.peerVersion !== null && { label: "Version", value: request.peerVersion },
    request.expiresAt !== null && { label: "Expires", value: <RelativeTime at={request.expiresAt} /> },
    { label: "Key", value: <CopyText text={request.keyFingerprint} label="key fingerprint" /> },
  ];
  return facts.filter((fact) => fact !== false);
}

function WantedAgents({ agents }: { agents: readonly WantedAgent[] }) {
  const sum = agents.reduce((total, agent) => total + agent.sizeBytes, 0);
  return (
    <div className="min-w-0">
      <p className="flex justify-between border-b pb-1 text-muted text-xs">
        <span>Wanted agents</span>
        <span>{formatBytes(sum)}</span>
      </p>
      <ul className="max-h-44 overflow-y-auto text-sm">
        {agents.map((agent) => (
          <li key={agent.agentId} className="flex items-baseline justify-between gap-3 border-b py-1.5 last:border-b-0">
            <span className="min-w-0 break-words">
              {agent.name}
              {agent.hostName && agent.hostName !== agent.name && (
                <span className="ml-1.5 text-muted text-xs">{agent.hostName}</span>
              )}
            </span>
            <span className="shrink-0">{formatBytes(agent.sizeBytes)}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}
