"use client";

import { useQuery } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { type FormEvent, useState } from "react";
import { QueryView } from "@/components/feedback/query-view";
import { useAction } from "@/components/feedback/use-action";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Checkbox, Field, Input, Textarea } from "@/components/ui/field";
import { Notice } from "@/components/ui/notice";
import { callAdmin } from "@/lib/admin/call";
import { adminContract } from "@/lib/admin/contract";
import { CreatePolicyInput, type Policy, type PolicyRule } from "@/lib/engine/policies/schemas";
import { ruleChoicesQuery } from "./queries";
import { capitalized, touches } from "./words";

interface PolicyFormProps {
  /** null: a new one. */
  policy: Policy | null;
  onClose: () => void;
}

/** Makes or changes a policy: a name for rules that belong together. */
export function PolicyForm({ policy, onClose }: PolicyFormProps) {
  const choices = useQuery(ruleChoicesQuery());
  return (
    <Dialog open wide onOpenChange={(open) => !open && onClose()} title={policy ? `Edit ${policy.name}` : "New policy"}>
      <QueryView query={choices} what="the rules">
        {({ snapshotRules, replicationRules }) =>
          snapshotRules.length + replicationRules.length === 0 ? (
            <Notice kind="warn" title="There is no rule yet">
              A policy holds rules. Make a snapshot rule or a replication rule first.
            </Notice>
          ) : (
            <RulesForm
              policy={policy}
              snapshotRules={snapshotRules}
              replicationRules={replicationRules}
              onClose={onClose}
            />
          )
        }
      </QueryView>
    </Dialog>
  );
}

interface RulesFormProps extends PolicyFormProps {
  snapshotRules: readonly PolicyRule[];
  replicationRules: readonly PolicyRule[];
}

function RulesForm({ policy, snapshotRules, replicationRules, onClose }: RulesFormProps) {
  const router = useRouter();
  const [wrong, setWrong] = useState<string>();
  const save = useAction({
    run: (input: CreatePolicyInput) =>
      policy
        ? callAdmin(adminContract.updatePolicy, { id: policy.id, ...input })
        : callAdmin(adminContract.createPolicy, input),
    touches,
    done: (saved) => `${saved.name} is saved`,
    onDone: (saved) => {
      onClose();
      if (!policy) router.push(`/policies/${saved.id}`);
    },
    onWaiting: onClose,
    quiet: true,
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const input = CreatePolicyInput.safeParse({
      name: form.get("name"),
      description: form.get("description"),
      snapshotRuleIds: form.getAll("snapshotRule"),
      replicationRuleIds: form.getAll("replicationRule"),
    });
    setWrong(input.success ? undefined : "Give the policy a name of at most 128 characters.");
    if (input.success) save.mutate(input.data);
  };
  return (
    <form onSubmit={submit} noValidate className="grid gap-4">
      <Field label="Name" error={wrong}>
        {(control) => (
          <Input {...control} name="name" autoComplete="off" defaultValue={policy?.name} placeholder="gold" />
        )}
      </Field>
      <Field label="Description">
        {(control) => <Textarea {...control} name="description" rows={2} defaultValue={policy?.description} />}
      </Field>
      <Choices
        legend="Snapshot rules"
        name="snapshotRule"
        rules={snapshotRules}
        chosen={policy?.snapshotRules ?? []}
        none="There is none yet: captures are then made only as replication needs them."
      />
      <Choices
        legend="Replication rules"
        name="replicationRule"
        rules={replicationRules}
        chosen={policy?.replicationRules ?? []}
        none="There is none yet: recovery points then stay on this core."
      />
      {policy && policy.agents + policy.volumes > 0 && (
        <p className="text-muted text-xs">
          It is in use: what it protects follows at once. Sessions of a replication rule that is taken out go; what they
          have copied stays on the target.
        </p>
      )}
      {save.error && (
        <Notice kind="danger" live title="Not saved">
          {save.error.message}
        </Notice>
      )}
      <Button tone="primary" type="submit" pending={save.isPending} className="justify-self-end">
        {policy ? "Save" : "Make the policy"}
      </Button>
    </form>
  );
}

interface ChoicesProps {
  legend: string;
  name: string;
  rules: readonly PolicyRule[];
  chosen: readonly PolicyRule[];
  none: string;
}

function Choices({ legend, name, rules, chosen, none }: ChoicesProps) {
  const ids = new Set(chosen.map(({ id }) => id));
  return (
    <fieldset className="grid gap-1.5">
      <legend className="font-medium text-sm">{legend}</legend>
      {rules.length === 0 && <p className="text-muted text-sm">{none}</p>}
      {rules.map((rule) => (
        <Checkbox
          key={rule.id}
          name={name}
          value={rule.id}
          defaultChecked={ids.has(rule.id)}
          label={
            <>
              {rule.name} <span className="text-muted text-xs">{capitalized(rule.summary)}</span>
            </>
          }
        />
      ))}
    </fieldset>
  );
}
