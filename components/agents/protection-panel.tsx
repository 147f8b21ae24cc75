"use client";

import { useQuery } from "@tanstack/react-query";
import { Pencil } from "lucide-react";
import Link from "next/link";
import { type FormEvent, useState } from "react";
import { QueryView } from "@/components/feedback/query-view";
import { useAction } from "@/components/feedback/use-action";
import { policyChoicesQuery } from "@/components/policies/queries";
import { touches } from "@/components/policies/words";
import { useMay } from "@/components/shell/me";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { type Fact, Facts } from "@/components/ui/facts";
import { Field, Select } from "@/components/ui/field";
import { Notice } from "@/components/ui/notice";
import { Panel } from "@/components/ui/panel";
import { RelativeTime } from "@/components/ui/relative-time";
import { callAdmin } from "@/lib/admin/call";
import { adminContract } from "@/lib/admin/contract";
import type { AgentDetail } from "@/lib/engine/agents/schemas";
import type { AssignPolicyInput, Policy } from "@/lib/engine/policies/schemas";

/** Which policies capture and replicate an agent, and when the next capture is due. */
export function ProtectionPanel({ agent }: { agent: AgentDetail }) {
  const [editing, setEditing] = useState(false);
  const may = useMay()(adminContract.assignPolicy);
  if (agent.kind !== "machine") return null;
  // What another core leads is protected there; the panel of its replica policies says how.
  if (agent.ledBy !== null) return null;
  return (
    <Panel
      title="Protection"
      actions={
        may &&
        !agent.deletionAskedAt && (
          <Button size="sm" onClick={() => setEditing(true)}>
            <Pencil aria-hidden />
            Change
          </Button>
        )
      }
    >
      <div className="grid gap-3">
        {agent.captureFailure && (
          <Notice kind="warn" title="The last capture could not begin">
            {agent.captureFailure.message} The next one is tried when it is due.
          </Notice>
        )}
        <Facts items={facts(agent)} />
      </div>
      {editing && <ChangeProtection agent={agent} onClose={() => setEditing(false)} />}
    </Panel>
  );
}

function facts(agent: AgentDetail): Fact[] {
  const own = agent.volumes.filter((volume) => volume.policy !== null);
  return [
    { label: "Policy", value: agent.policy ? <PolicyLink policy={agent.policy} /> : "none" },
    ...own.map((volume) => ({
      label: volume.name,
      value: volume.policy && <PolicyLink policy={volume.policy} />,
    })),
    ...(agent.policy === null && own.length === 0
      ? []
      : [
          {
            label: "Next capture",
            value: agent.nextCaptureAt ? <RelativeTime at={agent.nextCaptureAt} /> : "when replication asks for one",
          },
        ]),
  ];
}

const PolicyLink = ({ policy }: { policy: { id: string; name: string } }) => (
  <Link href={`/policies/${policy.id}`} className="underline underline-offset-2">
    {policy.name}
  </Link>
);

function ChangeProtection({ agent, onClose }: { agent: AgentDetail; onClose: () => void }) {
  const policies = useQuery(policyChoicesQuery());
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={`Protect ${agent.name}`}
      description="Captures and replication follow the chosen policy at once."
    >
      <QueryView query={policies} what="the policies">
        {({ items }) =>
          items.length === 0 ? (
            <Notice kind="warn" title="There is no policy yet" actions={<PoliciesLink />}>
              Make one of the rules that this agent is to follow.
            </Notice>
          ) : (
            <ProtectionForm agent={agent} policies={items} onClose={onClose} />
          )
        }
      </QueryView>
    </Dialog>
  );
}

const PoliciesLink = () => (
  <Button asChild size="sm">
    <Link href="/policies">Policies</Link>
  </Button>
);

interface ProtectionFormProps {
  agent: AgentDetail;
  policies: readonly Policy[];
  onClose: () => void;
}

function ProtectionForm({ agent, policies, onClose }: ProtectionFormProps) {
  const assign = useAction({
    run: async (changes: readonly AssignPolicyInput[]) => {
      for (const change of changes) await callAdmin(adminContract.assignPolicy, change);
    },
    touches,
    done: () => `The protection of ${agent.name} is saved`,
    onDone: onClose,
    quiet: true,
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    // What nobody touched stays, also a replica of another core's policy, which is none of the choices.
    const changed = (name: string, current: { id: string } | null) => {
      const chosen = String(form.get(name) ?? "");
      const shown = policies.some(({ id }) => id === current?.id) ? (current?.id ?? "") : "";
      return chosen === shown ? [] : [{ policyId: chosen || null }];
    };
    assign.mutate([
      ...changed("agent", agent.policy).map((change) => ({ agentId: agent.id, ...change })),
      ...agent.volumes.flatMap((volume) =>
        changed(volume.id, volume.policy).map((change) => ({ volumeId: volume.id, ...change })),
      ),
    ]);
  };
  return (
    <form onSubmit={submit} noValidate className="grid gap-4">
      <PolicyChoice
        name="agent"
        label="The agent as a whole"
        none="No policy"
        current={agent.policy?.id}
        policies={policies}
      />
      {agent.volumes.map((volume) => (
        <PolicyChoice
          key={volume.id}
          name={volume.id}
          label={`Volume ${volume.name}`}
          none="That of the agent"
          current={volume.policy?.id}
          policies={policies}
        />
      ))}
      <p className="text-muted text-xs">
        Where a policy is taken away, the sessions that it made go; recovery points stay here and on the target.
      </p>
      {assign.error && (
        <Notice kind="danger" live title="Not saved">
          {assign.error.message}
        </Notice>
      )}
      <Button tone="primary" type="submit" pending={assign.isPending} className="justify-self-end">
        Save
      </Button>
    </form>
  );
}

interface PolicyChoiceProps {
  name: string;
  label: string;
  none: string;
  current: string | undefined;
  policies: readonly Policy[];
}

const PolicyChoice = ({ name, label, none, current = "", policies }: PolicyChoiceProps) => (
  <Field label={label}>
    {(control) => (
      <Select {...control} name={name} defaultValue={policies.some(({ id }) => id === current) ? current : ""}>
        <option value="">{none}</option>
        {policies.map((policy) => (
          <option key={policy.id} value={policy.id}>
            {policy.name}
          </option>
        ))}
      </Select>
    )}
  </Field>
);
