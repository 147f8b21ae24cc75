"use client";

import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { type FormEvent, useState } from "react";
import { QueryView } from "@/components/feedback/query-view";
import { useAction } from "@/components/feedback/use-action";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Field, Input, Select } from "@/components/ui/field";
import { Notice } from "@/components/ui/notice";
import { callAdmin } from "@/lib/admin/call";
import { adminContract } from "@/lib/admin/contract";
import type { PairingSummary } from "@/lib/engine/pairing/schemas";
import { CreateReplicationRuleInput, type ReplicationRule } from "@/lib/engine/replication-rules/schemas";
import { formatDuration } from "@/lib/format";
import { targetChoicesQuery } from "./queries";
import { OBJECTIVES, touches, withCurrent } from "./words";

interface ReplicationRuleFormProps {
  /** null: a new one. */
  rule: ReplicationRule | null;
  onClose: () => void;
}

/** Makes or changes a replication rule. */
export function ReplicationRuleForm({ rule, onClose }: ReplicationRuleFormProps) {
  const targets = useQuery(targetChoicesQuery());
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={rule ? `Edit ${rule.name}` : "New replication rule"}
      description="Where recovery points go, and how far behind that may be."
    >
      <QueryView query={targets} what="the cores to replicate to">
        {({ items }) =>
          items.length === 0 && !rule ? (
            <Notice kind="warn" title="There is no core to replicate to yet" actions={<PairLink />}>
              Pair this core with another one first, as its source.
            </Notice>
          ) : (
            <RuleForm rule={rule} targets={items} onClose={onClose} />
          )
        }
      </QueryView>
    </Dialog>
  );
}

const PairLink = () => (
  <Button asChild size="sm">
    <Link href="/pairing">Pairing</Link>
  </Button>
);

function RuleForm({ rule, targets, onClose }: ReplicationRuleFormProps & { targets: readonly PairingSummary[] }) {
  const [wrong, setWrong] = useState<string>();
  const save = useAction({
    run: (input: CreateReplicationRuleInput) =>
      rule
        ? callAdmin(adminContract.updateReplicationRule, { id: rule.id, ...input })
        : callAdmin(adminContract.createReplicationRule, input),
    touches,
    done: (saved) => `${saved.name} is saved: ${saved.summary}`,
    onDone: onClose,
    quiet: true,
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = Object.fromEntries(new FormData(event.currentTarget));
    const input = CreateReplicationRuleInput.safeParse({
      name: form.name,
      pairingId: form.pairingId,
      rpoSeconds: Number(form.rpo),
      alertThresholdMinutes: Number(form.alert || 0),
    });
    setWrong(input.success ? undefined : "Give the rule a name of at most 128 characters.");
    if (input.success) save.mutate(input.data);
  };
  const current = rule && { seconds: rule.rpoSeconds, label: formatDuration(rule.rpoSeconds) };
  const objectives = withCurrent<{ seconds: number; label: string }>(
    OBJECTIVES,
    current,
    (a, b) => a.seconds === b.seconds,
  );
  return (
    <form onSubmit={submit} noValidate className="grid gap-4">
      <Field label="Name" error={wrong}>
        {(control) => (
          <Input {...control} name="name" autoComplete="off" defaultValue={rule?.name} placeholder="second site" />
        )}
      </Field>
      <Field
        label="Target"
        hint={rule ? "Another one takes the place of its sessions; what lies on the old one stays there." : undefined}
      >
        {(control) => (
          <Select {...control} name="pairingId" defaultValue={rule?.target.pairingId}>
            {rule && !targets.some(({ id }) => id === rule.target.pairingId) && (
              <option value={rule.target.pairingId}>{`${rule.target.name} (not paired any more)`}</option>
            )}
            {targets.map(({ id, peerName }) => (
              <option key={id} value={id}>
                {peerName}
              </option>
            ))}
          </Select>
        )}
      </Field>
      <div className="grid gap-4 sm:grid-cols-2">
        <Field label="At most this far behind" hint="The recovery point objective: a cycle runs twice in it.">
          {(control) => (
            <Select {...control} name="rpo" defaultValue={rule?.rpoSeconds ?? 3600}>
              {objectives.map(({ seconds, label }) => (
                <option key={seconds} value={seconds}>
                  {label}
                </option>
              ))}
            </Select>
          )}
        </Field>
        <Field label="Alert so many minutes later" hint="0: when the objective is missed.">
          {(control) => (
            <Input
              {...control}
              name="alert"
              type="number"
              min={0}
              max={1440}
              inputMode="numeric"
              defaultValue={rule?.alertThresholdMinutes ?? 0}
            />
          )}
        </Field>
      </div>
      {save.error && (
        <Notice kind="danger" live title="Not saved">
          {save.error.message}
        </Notice>
      )}
      <Button tone="primary" type="submit" pending={save.isPending} className="justify-self-end">
        {rule ? "Save" : "Make the rule"}
      </Button>
    </form>
  );
}
