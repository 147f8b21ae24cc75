"use client";

import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { QueryView } from "@/components/feedback/query-view";
import { Notice } from "@/components/ui/notice";
import { Panel } from "@/components/ui/panel";
import { RelativeTime } from "@/components/ui/relative-time";
import type { AgentQuotas as Quotas, SubjectQuotas } from "@/lib/engine/quotas/schemas";
import { agentQuotasQuery } from "./queries";
import { QuotaBars } from "./quota-bars";
import { METERS, usedText } from "./words";

/** How much of its quotas an agent uses, and whether its new data wait for room. */
export function AgentQuotas({ agentId }: { agentId: string }) {
  const query = useQuery(agentQuotasQuery(agentId));
  return (
    <Panel title="Quotas">
      <QueryView query={query} what="its quotas">
        {(quotas) => <View {...quotas} />}
      </QueryView>
    </Panel>
  );
}

const View = ({ subject, quotas, tenant, waiting }: Quotas) => (
  <div className="grid gap-4">
    {waiting && (
      <Notice kind="danger" title="New data is refused">
        {waiting.message} Since <RelativeTime at={waiting.since} />.
      </Notice>
    )}
    <QuotaBars subject={subject} quotas={quotas} />
    <OfTenant {...tenant} />
  </div>
);

/** They bind the agent, too. */
function OfTenant({ subject, quotas }: SubjectQuotas) {
  const limited = quotas.filter(({ state }) => state !== "none");
  return (
    <p className="border-t pt-3 text-muted text-xs">
      Tenant{" "}
      <Link href={`/tenants/${subject.id}`} className="underline underline-offset-2">
        {subject.name}
      </Link>
      {limited.length === 0
        ? " has no quota."
        : `: ${limited.map((quota) => `${METERS[quota.meter].title.toLowerCase()} ${usedText(quota)}`).join("; ")}.`}
    </p>
  );
}
