"use client";

import { type FormEvent, useState } from "react";
import { useAction } from "@/components/feedback/use-action";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Checkbox, Field, Input, Select } from "@/components/ui/field";
import { Notice } from "@/components/ui/notice";
import { callAdmin } from "@/lib/admin/call";
import { adminContract } from "@/lib/admin/contract";
import { type AlertRule, CreateAlertRuleInput } from "@/lib/engine/alert-rules/schemas";
import { AlertKind, AlertSeverity } from "@/lib/engine/alerts/schemas";
import type { Channel } from "@/lib/engine/channels/schemas";
import { QuietFields } from "./quiet-fields";
import { kindInWords } from "./rule-words";

interface RuleFormProps {
  /** Absent: a new one. */
  rule: AlertRule | undefined;
  channels: readonly Channel[];
  tenants: readonly { id: string; name: string }[];
  onClose: () => void;
}

const SEVERITIES: Readonly<Record<AlertSeverity, string>> = {
  info: "Everything",
  warning: "Warnings and worse",
  critical: "Critical alerts only",
};

/** Makes or changes a rule. */
export function RuleForm({ rule, channels, tenants, onClose }: RuleFormProps) {
  const [wrong, setWrong] = useState<Readonly<Record<string, string>>>({});
  const save = useAction({
    run: (input: CreateAlertRuleInput) =>
      rule
        ? callAdmin(adminContract.updateAlertRule, { ...input, id: rule.id })
        : callAdmin(adminContract.createAlertRule, input),
    touches: [["alert-rules"]],
    done: ({ name }) => `${name} is in force`,
    onDone: onClose,
    quiet: true,
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const input = CreateAlertRuleInput.safeParse(toInput(new FormData(event.currentTarget), rule));
    setWrong(input.success ? {} : issuesOf(input.error.issues));
    if (input.success) save.mutate(input.data);
  };
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()} title={rule ? `Edit ${rule.name}` : "New rule"} wide>
      <form onSubmit={submit} noValidate className="grid gap-4">
        <div className="grid gap-4 sm:grid-cols-3">
          <Field label="Name" error={wrong.name}>
            {(control) => (
              <Input {...control} name="name" defaultValue={rule?.name} autoComplete="off" placeholder="At night" />
            )}
          </Field>
          <Field label="To the channel" error={wrong.channelId}>
            {(control) => (
              <Select {...control} name="channelId" defaultValue={rule?.channelId}>
                {channels.map(({ id, name }) => (
                  <option key={id} value={id}>
                    {name}
                  </option>
                ))}
              </Select>
            )}
          </Field>
          <Field label="What">
            {(control) => (
              <Select {...control} name="minSeverity" defaultValue={rule?.minSeverity ?? "warning"}>
                {AlertSeverity.options.map((severity) => (
                  <option key={severity} value={severity}>
                    {SEVERITIES[severity]}
                  </option>
                ))}
              </Select>
            )}
          </Field>
        </div>
        <Choices
          legend="Only these kinds"
          none="every kind"
          name="kinds"
          chosen={rule?.kinds ?? []}
          options={AlertKind.options.map((kind) => ({ value: kind, label: kindInWords(kind) }))}
        />
        {tenants.length > 0 && (
          <Choices
            legend="Only of these tenants"
            none="all of them, and what is no tenant's"
            name="tenantIds"
            chosen={rule?.tenantIds ?? []}
            options={tenants.map(({ id, name }) => ({ value: id, label: name }))}
          />
        )}
        <Checkbox
          name="tellCleared"
          defaultChecked={rule?.tellCleared ?? true}
          label="Tell also when an alert is over"
        />
        <QuietFields rule={rule} wrong={wrong} />
        <Checkbox name="enabled" defaultChecked={rule?.enabled ?? true} label="This rule is in force" />
        {save.error && (
          <Notice kind="danger" live>
            {save.error.message}
          </Notice>
        )}
        <Button tone="primary" type="submit" pending={save.isPending} className="justify-self-end">
          {rule ? "Save" : "Make the rule"}
        </Button>
      </form>
    </Dialog>
  );
}

interface ChoicesProps {
  legend: string;
  /** What holds while none is chosen. */
  none: string;
  name: string;
  chosen: readonly string[];
  options: readonly { value: string; label: string }[];
}

/** Folded while nothing is chosen: most rules are about everything. */
function Choices({ legend, none, name, chosen, options }: ChoicesProps) {
  return (
    <details open={chosen.length > 0} className="rounded-md border">
      <summary className="cursor-pointer px-3 py-2 font-medium text-sm touch:py-3">
        {legend} <span className="font-normal text-muted">{`– none chosen: ${none}`}</span>
      </summary>
      <fieldset className="grid max-h-56 gap-x-4 gap-y-1 overflow-y-auto border-t p-3 sm:grid-cols-2">
        <legend className="sr-only">{legend}</legend>
        {options.map(({ value, label }) => (
          <Checkbox key={value} name={name} value={value} defaultChecked={chosen.includes(value)} label={label} />
        ))}
      </fieldset>
    </details>
  );
}

function toInput(form: FormData, rule: AlertRule | undefined): unknown {
  const quiet = form.get("isQuiet")
    ? { from: form.get("from"), to: form.get("to"), days: form.getAll("days").map(Number) }
    : null;
  return {
    name: form.get("name"),
    channelId: form.get("channelId"),
    minSeverity: form.get("minSeverity"),
    kinds: form.getAll("kinds"),
    tenantIds: form.getAll("tenantIds"),
    tellCleared: form.get("tellCleared") !== null,
    quiet,
    timeZone: form.get("timeZone") ?? rule?.timeZone ?? "UTC",
    criticalAnyway: quiet ? form.get("criticalAnyway") !== null : (rule?.criticalAnyway ?? true),
    enabled: form.get("enabled") !== null,
  };
}

const issuesOf = (issues: readonly { path: PropertyKey[]; message: string }[]): Record<string, string> =>
  Object.fromEntries(issues.map(({ path, message }) => [path.join("."), message]).reverse());
