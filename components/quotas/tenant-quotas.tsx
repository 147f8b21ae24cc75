"use client";

import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { QueryView } from "@/components/feedback/query-view";
import { Badge } from "@/components/ui/badge";
import { Notice } from "@/components/ui/notice";
import { Panel } from "@/components/ui/panel";
import { RelativeTime } from "@/components/ui/relative-time";
import type { TenantQuotas as Quotas, SubjectQuotas, WaitingAgent } from "@/lib/engine/quotas/schemas";
import { formatNumberOf } from "@/lib/format";
import { tenantQuotasQuery } from "./queries";
import { QuotaBars } from "./quota-bars";
import { METERS, QUOTA_STATE_WORDS, usedText } from "./words";

/** How a tenant stands with its quotas, and which agents wait for room. */
export function TenantQuotas({ tenantId }: { tenantId: string }) {
  const query = useQuery(tenantQuotasQuery(tenantId));
  return (
    <Panel title="Quotas" note="what is used now, with what is on its way">
      <QueryView query={query} what="its quotas">
        {(quotas) => <View quotas={quotas} />}
      </QueryView>
    </Panel>
  );
}

const View = ({ quotas }: { quotas: Quotas }) => (
  <div className="grid gap-4">
    {quotas.waiting.length > 0 && <Waiting agents={quotas.waiting} />}
    <QuotaBars subject={quotas.subject} quotas={quotas.quotas} />
    {quotas.agents.length > 0 && <OfAgents agents={quotas.agents} />}
  </div>
);

const Waiting = ({ agents }: { agents: readonly WaitingAgent[] }) => (
  <Notice
    kind="danger"
    title={`New data of ${formatNumberOf(agents.length, "agent")} ${agents.length === 1 ? "is" : "are"} refused`}
  >
    <p>Raise the quota or delete recovery points: the runs go on by themselves within a minute. Nothing is lost.</p>
    <ul className="mt-1.5 grid gap-1">
      {agents.map(({ agent, meter, since }) => (
        <li key={agent.id}>
          <Link href={`/agents/${agent.id}`} className="underline underline-offset-2">
            {agent.name}
          </Link>
          {` – ${METERS[meter].title.toLowerCase()} data, since `}
          <RelativeTime at={since} />
        </li>
      ))}
    </ul>
  </Notice>
);

const OfAgents = ({ agents }: { agents: readonly SubjectQuotas[] }) => (
  <div className="grid gap-1.5 border-t pt-3">
    <h3 className="font-medium text-sm">Agents with quotas of their own</h3>
    <ul className="grid gap-1.5">
      {agents.map(({ subject, quotas }) => (
        <li key={subject.id} className="flex flex-wrap items-center gap-x-2 gap-y-1 text-sm">
          <Link href={`/agents/${subject.id}`} className="min-w-0 break-words underline underline-offset-2">
            {subject.name}
          </Link>
          {quotas
            .filter(({ state }) => state !== "none")
            .map((quota) => {
              const { tone, icon, label } = QUOTA_STATE_WORDS[quota.state];
              return (
                <span key={quota.meter} className="inline-flex flex-wrap items-center gap-1.5 text-muted text-xs">
                  <Badge tone={tone} icon={icon} title={label}>
                    {METERS[quota.meter].title}
                  </Badge>
                  {usedText(quota)}
                </span>
              );
            })}
        </li>
      ))}
    </ul>
  </div>
);
