"use client";

import { Plus, ShieldCheck } from "lucide-react";
import { useState } from "react";
import { PagedTable } from "@/components/feedback/paged-table";
import { useMay } from "@/components/shell/me";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import type { Column } from "@/components/ui/data-table";
import { EmptyState } from "@/components/ui/empty-state";
import { PageHeader } from "@/components/ui/page-header";
import { Panel } from "@/components/ui/panel";
import { adminContract } from "@/lib/admin/contract";
import type { Policy } from "@/lib/engine/policies/schemas";
import { formatNumberOf } from "@/lib/format";
import { PolicyForm } from "./policy-form";
import { policiesQuery } from "./queries";
import { ReplicationRulesPanel, SnapshotRulesPanel } from "./rule-panels";
import { capitalized } from "./words";

/** All policies with the rules they are made of. */
export function PoliciesPage() {
  const [creating, setCreating] = useState(false);
  const may = useMay()(adminContract.createPolicy);
  return (
    <>
      <PageHeader
        title="Policies"
        description="What protects agents by itself: when they are captured, how long that stays, and where it is replicated to."
        actions={
          may && (
            <Button onClick={() => setCreating(true)}>
              <Plus aria-hidden />
              New policy
            </Button>
          )
        }
      />
      <div className="grid gap-4">
        <Panel flush title="All policies">
          <PagedTable
            options={policiesQuery()}
            what="the policies"
            label="Policies"
            columns={COLUMNS}
            rowKey={(policy) => policy.id}
            href={(policy) => `/policies/${policy.id}`}
            empty={
              <EmptyState icon={ShieldCheck} title="No policy yet">
                Make a snapshot rule or a replication rule below, then a policy that holds them, and give it to agents.
              </EmptyState>
            }
          />
        </Panel>
        <SnapshotRulesPanel />
        <ReplicationRulesPanel />
      </div>
      {creating && <PolicyForm policy={null} onClose={() => setCreating(false)} />}
    </>
  );
}

/** Made on this core, or a replica of one of a source. */
export const PolicyOrigin = ({ policy }: { policy: Pick<Policy, "replicaOf"> }) =>
  policy.replicaOf ? (
    <Badge tone="petrol">{`replica from ${policy.replicaOf.name}`}</Badge>
  ) : (
    <Badge tone="copper">this core</Badge>
  );

const COLUMNS: readonly Column<Policy>[] = [
  { id: "name", header: "Policy", cell: (policy) => policy.name },
  { id: "origin", header: "Origin", cell: (policy) => <PolicyOrigin policy={policy} /> },
  { id: "captures", header: "Captures", cell: (policy) => <Rules rules={policy.snapshotRules} none="none" /> },
  {
    id: "replication",
    header: "Replication",
    cell: (policy) => <Rules rules={policy.replicationRules} none="none" />,
  },
  { id: "protects", header: "Protects", cell: (policy) => protectsOf(policy) },
];

function Rules({ rules, none }: { rules: Policy["snapshotRules"]; none: string }) {
  if (rules.length === 0) return <span className="text-muted">{none}</span>;
  return (
    <span className="grid gap-0.5">
      {rules.map((rule) => (
        <span key={rule.id}>{capitalized(rule.summary)}</span>
      ))}
    </span>
  );
}

function protectsOf({ agents, volumes }: Policy): string {
  const parts = [
    ...(agents > 0 ? [formatNumberOf(agents, "agent")] : []),
    ...(volumes > 0 ? [formatNumberOf(volumes, "volume")] : []),
  ];
  return parts.length > 0 ? parts.join(", ") : "nothing yet";
}
