"use client";

import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { QueryView } from "@/components/feedback/query-view";
import { useAction } from "@/components/feedback/use-action";
import { useMay } from "@/components/shell/me";
import { Button } from "@/components/ui/button";
import { Facts } from "@/components/ui/facts";
import { Field, Input, Select } from "@/components/ui/field";
import { Notice } from "@/components/ui/notice";
import { Panel } from "@/components/ui/panel";
import { callAdmin } from "@/lib/admin/call";
import { adminContract } from "@/lib/admin/contract";
import {
  QueueStrategy,
  type ReplicationSettings,
  UpdateReplicationSettingsInput,
} from "@/lib/engine/replication-settings/schemas";
import { replicationSettingsQuery } from "./queries";
import { STRATEGY_LABELS } from "./words";

/** How many runs go on at once, and in which order waiting ones begin. */
export function RunsPanel() {
  const query = useQuery(replicationSettingsQuery());
  const may = useMay();
  return (
    <Panel title="Runs">
      <QueryView query={query} what="the settings">
        {(settings) =>
          may(adminContract.updateReplicationSettings) ? (
            // Somebody else may change them meanwhile: the form starts anew from what is in force.
            <RunsForm key={JSON.stringify(settings)} settings={settings} />
          ) : (
            <Facts
              items={[
                { label: "At once", value: settings.maxConcurrentRuns },
                { label: "Order", value: STRATEGY_LABELS[settings.queueStrategy] },
              ]}
            />
          )
        }
      </QueryView>
    </Panel>
  );
}

function RunsForm({ settings }: { settings: ReplicationSettings }) {
  const [wrong, setWrong] = useState<string>();
  const update = useAction({
    run: (input: UpdateReplicationSettingsInput) => callAdmin(adminContract.updateReplicationSettings, input),
    touches: [["settings"], ["sessions"]],
    done: () => "The settings are in force",
    quiet: true,
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = Object.fromEntries(new FormData(event.currentTarget));
    const input = UpdateReplicationSettingsInput.safeParse({
      ...form,
      maxConcurrentRuns: Number(form.maxConcurrentRuns),
    });
    const issue = input.error?.issues[0];
    setWrong(issue && (issue.path[0] === "maxConcurrentRuns" ? "Give a number from 1 to 64." : issue.message));
    if (input.success) update.mutate(input.data);
  };
  return (
    <form onSubmit={submit} noValidate className="grid gap-4 @xl:grid-cols-2">
      <Field label="Runs at once" error={wrong} hint="Of the whole core; one worker process takes 4 at most.">
        {(control) => (
          <Input
            {...control}
            name="maxConcurrentRuns"
            type="number"
            inputMode="numeric"
            min={1}
            max={64}
            defaultValue={settings.maxConcurrentRuns}
          />
        )}
      </Field>
      <Field label="Which waiting run begins first" hint="Inside a run, backups go oldest first.">
        {(control) => (
          <Select {...control} name="queueStrategy" defaultValue={settings.queueStrategy}>
            {QueueStrategy.options.map((strategy) => (
              <option key={strategy} value={strategy}>
                {STRATEGY_LABELS[strategy]}
              </option>
            ))}
          </Select>
        )}
      </Field>
      <Field label="Report address" hint="Kept for clients that set it; this core sends no mail.">
        {(control) => (
          <Input
            {...control}
            name="reportMailTo"
            type="email"
            autoComplete="off"
            defaultValue={settings.reportMailTo}
          />
        )}
      </Field>
      <Field label="Report time">
        {(control) => <Input {...control} name="reportTime" type="time" defaultValue={settings.reportTime} />}
      </Field>
      {update.error && (
        <Notice kind="danger" live className="@xl:col-span-2">
          {update.error.message}
        </Notice>
      )}
      <Button type="submit" tone="primary" pending={update.isPending} className="justify-self-start">
        Save
      </Button>
    </form>
  );
}
