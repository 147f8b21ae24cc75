"use client";

import { type FormEvent, useState } from "react";
import { useAction } from "@/components/feedback/use-action";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Checkbox, Field, Input, Select } from "@/components/ui/field";
import { Notice } from "@/components/ui/notice";
import { callAdmin } from "@/lib/admin/call";
import { adminContract } from "@/lib/admin/contract";
import { CreateSnapshotRuleInput, type SnapshotRule } from "@/lib/engine/snapshot-rules/schemas";
import { DAYS, INTERVALS, touches, withCurrent } from "./words";

interface SnapshotRuleFormProps {
  /** null: a new one. */
  rule: SnapshotRule | null;
  onClose: () => void;
}

/** Makes or changes a snapshot rule. */
export function SnapshotRuleForm({ rule, onClose }: SnapshotRuleFormProps) {
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={rule ? `Edit ${rule.name}` : "New snapshot rule"}
      description="When recovery points are made, and how long they stay."
    >
      <RuleForm rule={rule} onClose={onClose} />
    </Dialog>
  );
}

const ownZone = () => Intl.DateTimeFormat().resolvedOptions().timeZone;

function RuleForm({ rule, onClose }: SnapshotRuleFormProps) {
  const [byInterval, setByInterval] = useState(rule ? rule.intervalMinutes !== null : true);
  const [wrong, setWrong] = useState<Readonly<Record<string, string>>>({});
  const save = useAction({
    run: (input: CreateSnapshotRuleInput) =>
      rule
        ? callAdmin(adminContract.updateSnapshotRule, { id: rule.id, ...input })
        : callAdmin(adminContract.createSnapshotRule, input),
    touches,
    done: (saved) => `${saved.name} is saved: ${saved.summary}`,
    onDone: onClose,
    onWaiting: onClose,
    quiet: true,
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const days = Number(form.get("keepDays") || 0);
    const input = CreateSnapshotRuleInput.safeParse({
      name: form.get("name"),
      intervalMinutes: byInterval ? Number(form.get("interval")) : null,
      timeOfDay: byInterval ? null : form.get("time"),
      daysOfWeek: form.getAll("day").length === 7 ? [] : form.getAll("day").map(Number),
      timeZone: form.get("zone"),
      retentionHours: days > 0 ? Math.round(days * 24) : null,
      retentionCount: form.get("keepCount") ? Number(form.get("keepCount")) : null,
      description: rule?.description ?? "",
    });
    setWrong(Object.fromEntries(input.error?.issues.map((issue) => [String(issue.path[0]), issue.message]) ?? []));
    if (input.success) save.mutate(input.data);
  };
  return (
    <form onSubmit={submit} noValidate className="grid gap-4">
      <Field label="Name" error={wrong.name && "Give the rule a name."}>
        {(control) => (
          <Input {...control} name="name" autoComplete="off" defaultValue={rule?.name} placeholder="nightly" />
        )}
      </Field>
      <When rule={rule} byInterval={byInterval} onChange={setByInterval} wrong={wrong} />
      <Days rule={rule} />
      <Retention rule={rule} wrong={wrong} />
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

interface WhenProps {
  rule: SnapshotRule | null;
  byInterval: boolean;
  onChange: (byInterval: boolean) => void;
  wrong: Readonly<Record<string, string>>;
}

function When({ rule, byInterval, onChange, wrong }: WhenProps) {
  const current =
    rule?.intervalMinutes === null || !rule
      ? null
      : { minutes: rule.intervalMinutes, label: `Every ${rule.intervalMinutes} minutes` };
  const intervals = withCurrent<{ minutes: number; label: string }>(
    INTERVALS,
    current,
    (a, b) => a.minutes === b.minutes,
  );
  return (
    <>
      <div className="grid gap-4 sm:grid-cols-2">
        <Field label="When">
          {(control) => (
            <Select
              {...control}
              value={byInterval ? "interval" : "time"}
              onChange={(event) => onChange(event.target.value === "interval")}
            >
              <option value="interval">Again and again</option>
              <option value="time">At a time of day</option>
            </Select>
          )}
        </Field>
        {byInterval ? (
          <Field label="How often" hint="Counted from midnight.">
            {(control) => (
              <Select {...control} name="interval" defaultValue={rule?.intervalMinutes ?? 60}>
                {intervals.map(({ minutes, label }) => (
                  <option key={minutes} value={minutes}>
                    {label}
                  </option>
                ))}
              </Select>
            )}
          </Field>
        ) : (
          <Field label="Time of day" error={wrong.timeOfDay && "Give a time, such as 02:00."}>
            {(control) => <Input {...control} name="time" type="time" defaultValue={rule?.timeOfDay ?? "02:00"} />}
          </Field>
        )}
      </div>
      <Field
        label="Time zone"
        hint="Where midnight and the days are. A change to or from summer time neither skips nor doubles a capture."
        error={wrong.timeZone && "This is no time zone. Choose one, such as Europe/Berlin."}
      >
        {(control) => (
          <>
            <Input
              {...control}
              name="zone"
              list="time-zones"
              autoComplete="off"
              spellCheck={false}
              defaultValue={rule?.timeZone ?? ownZone()}
              suppressHydrationWarning
            />
            <datalist id="time-zones">
              {["UTC", ...Intl.supportedValuesOf("timeZone")].map((zone) => (
                <option key={zone} value={zone} />
              ))}
            </datalist>
          </>
        )}
      </Field>
    </>
  );
}

function Days({ rule }: { rule: SnapshotRule | null }) {
  const chosen = rule && rule.daysOfWeek.length > 0 ? rule.daysOfWeek : DAYS.map(({ day }) => day);
  return (
    <fieldset className="grid gap-1">
      <legend className="font-medium text-sm">On</legend>
      <div className="flex flex-wrap gap-x-4 gap-y-1">
        {DAYS.map(({ day, label }) => (
          <Checkbox key={day} name="day" value={day} label={label} defaultChecked={chosen.includes(day)} />
        ))}
      </div>
      <p className="text-muted text-xs">None chosen means every day.</p>
    </fieldset>
  );
}

function Retention({ rule, wrong }: { rule: SnapshotRule | null; wrong: Readonly<Record<string, string>> }) {
  const days = rule ? rule.retentionHours && rule.retentionHours / 24 : 30;
  return (
    <div className="grid gap-4 sm:grid-cols-2">
      <Field
        label="Keep for so many days"
        hint="Left empty: until somebody deletes them. Points that the rule made already follow."
        error={wrong.retentionHours && "Give a number of days above 0, or leave it empty."}
      >
        {(control) => (
          <Input
            {...control}
            name="keepDays"
            type="number"
            min={0}
            step="any"
            inputMode="decimal"
            defaultValue={days ?? ""}
          />
        )}
      </Field>
      <Field
        label="At most so many of an agent"
        hint="Left empty: no limit."
        error={wrong.retentionCount && "Give a whole number above 0, or leave it empty."}
      >
        {(control) => (
          <Input
            {...control}
            name="keepCount"
            type="number"
            min={1}
            inputMode="numeric"
            defaultValue={rule?.retentionCount ?? ""}
          />
        )}
      </Field>
    </div>
  );
}
