"use client";

import { useQuery } from "@tanstack/react-query";
import { Pencil, Trash2 } from "lucide-react";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { QueryView } from "@/components/feedback/query-view";
import { useMay } from "@/components/shell/me";
import { Button } from "@/components/ui/button";
import { Facts } from "@/components/ui/facts";
import { PageHeader } from "@/components/ui/page-header";
import { Panel } from "@/components/ui/panel";
import { RelativeTime } from "@/components/ui/relative-time";
import { callAdmin } from "@/lib/admin/call";
import { adminContract } from "@/lib/admin/contract";
import type { PolicyDetail, PolicyRule } from "@/lib/engine/policies/schemas";
import { formatNumberOf } from "@/lib/format";
import { DeleteAction } from "./delete-action";
import { PolicyOrigin } from "./policies-page";
import { PolicyForm } from "./policy-form";
import { policyQuery } from "./queries";
import { capitalized } from "./words";

const TRAIL = [{ label: "Policies", href: "/policies" }] as const;

/** One policy with its rules and what it protects. */
export function PolicyPage({ id }: { id: string }) {
  const query = useQuery(policyQuery(id));
  return (
    <>
      {!query.data && <PageHeader title="Policy" trail={TRAIL} />}
      <QueryView query={query} what="this policy">
        {(policy) => <PolicyView policy={policy} />}
      </QueryView>
    </>
  );
}

function PolicyView({ policy }: { policy: PolicyDetail }) {
  const [editing, setEditing] = useState(false);
  const may = useMay()(adminContract.updatePolicy) && policy.replicaOf === null;
  return (
    <>
      <PageHeader
        title={policy.name}
        trail={TRAIL}
        badges={<PolicyOrigin policy={policy} />}
        description={policy.description || undefined}
        actions={
          may && (
            <>
              <DeletePolicy policy={policy} />
              <Button onClick={() => setEditing(true)}>
                <Pencil aria-hidden />
                Edit
              </Button>
            </>
          )
        }
      />
      <div className="grid gap-4 lg:grid-cols-[minmax(0,1fr)_20rem]">
        <div className="grid min-w-0 content-start gap-4">
          <RulesPanel title="Captures" rules={policy.snapshotRules} none="It makes no captures by a schedule." />
          <RulesPanel
            title="Replication"
            rules={policy.replicationRules}
            none="It replicates nothing: recovery points stay on their core."
          />
        </div>
        <div className="grid min-w-0 content-start gap-4">
          <ProtectsPanel policy={policy} />
          <Panel title="This policy">
            <Facts
              items={[
                { label: "Made", value: <RelativeTime at={policy.createdAt} /> },
                { label: "Changed", value: <RelativeTime at={policy.updatedAt} /> },
              ]}
            />
          </Panel>
        </div>
      </div>
      {editing && <PolicyForm policy={policy} onClose={() => setEditing(false)} />}
    </>
  );
}

function RulesPanel({ title, rules, none }: { title: string; rules: readonly PolicyRule[]; none: string }) {
  return (
    <Panel flush title={title}>
      {rules.length === 0 && <p className="px-3.5 py-3 text-muted text-sm">{none}</p>}
      <ul>
        {rules.map((rule) => (
          <li key={rule.id} className="min-w-0 border-b px-3.5 py-2.5 text-sm last:border-b-0">
            <p className="break-words font-medium">{rule.name}</p>
            <p className="break-words text-muted">{capitalized(rule.summary)}</p>
          </li>
        ))}
      </ul>
    </Panel>
  );
}

function ProtectsPanel({ policy }: { policy: PolicyDetail }) {
  const left = policy.agents + policy.volumes - policy.protects.length;
  return (
    <Panel flush title="Protects" note={policy.replicaOf && `on ${policy.replicaOf.name}; here it protects nothing`}>
      {policy.protects.length === 0 && (
        <p className="px-3.5 py-3 text-muted text-sm">Nothing yet. Open an agent and choose this policy there.</p>
      )}
      <ul>
        {policy.protects.map((subject) => (
          <li key={subject.id} className="min-w-0 border-b px-3.5 py-2.5 text-sm last:border-b-0">
            <Link href={`/agents/${subject.agent.id}`} className="break-words underline underline-offset-2">
              {subject.kind === "agent" ? subject.name : `${subject.agent.name}: ${subject.name}`}
            </Link>
          </li>
        ))}
      </ul>
      {left > 0 && <p className="px-3.5 py-2.5 text-muted text-xs">{`and ${formatNumberOf(left, "other")}`}</p>}
    </Panel>
  );
}

function DeletePolicy({ policy }: { policy: PolicyDetail }) {
  const router = useRouter();
  return (
    <DeleteAction
      name={policy.name}
      what="policy"
      run={() => callAdmin(adminContract.deletePolicy, { id: policy.id })}
      onDone={() => router.push("/policies")}
      trigger={(open) => (
        <Button tone="danger-quiet" onClick={open}>
          <Trash2 aria-hidden />
          Delete…
        </Button>
      )}
    >
      <p>The policy goes; its rules stay. Refused while it protects something.</p>
    </DeleteAction>
  );
}
