"use client";

import { useState } from "react";
import { Checkbox, Field, Input } from "@/components/ui/field";
import type { AlertRule } from "@/lib/engine/alert-rules/schemas";
import { dayName } from "./rule-words";

const DAYS = [1, 2, 3, 4, 5, 6, 7] as const;

/** Hours in which nothing is told that can wait. */
export function QuietFields({ rule, wrong }: { rule: AlertRule | undefined; wrong: Readonly<Record<string, string>> }) {
  const [isQuiet, setQuiet] = useState(rule?.quiet != null);
  return (
    <fieldset className="grid gap-3 rounded-md border p-3">
      <legend className="sr-only">Quiet hours</legend>
      <Checkbox
        name="isQuiet"
        checked={isQuiet}
        onChange={(event) => setQuiet(event.target.checked)}
        label="Quiet hours: hold alerts back, and tell what is still open at their end"
      />
      {isQuiet && <Hours rule={rule} wrong={wrong} />}
    </fieldset>
  );
}

function Hours({ rule, wrong }: { rule: AlertRule | undefined; wrong: Readonly<Record<string, string>> }) {
  const [zones] = useState(() => ["UTC", ...Intl.supportedValuesOf("timeZone")]);
  const [here] = useState(() => Intl.DateTimeFormat().resolvedOptions().timeZone);
  const quiet = rule?.quiet ?? { from: "22:00", to: "06:00", days: [] };
  return (
    <>
      <div className="grid grid-cols-2 gap-3 sm:grid-cols-3">
        <Field label="From" error={wrong["quiet.from"]}>
          {(control) => <Input {...control} name="from" type="time" defaultValue={quiet.from} />}
        </Field>
        <Field label="Until" error={wrong["quiet.to"]}>
          {(control) => <Input {...control} name="to" type="time" defaultValue={quiet.to} />}
        </Field>
        <Field label="Time zone" error={wrong.timeZone} className="col-span-2 sm:col-span-1">
          {(control) => (
            <>
              <Input
                {...control}
                name="timeZone"
                list="rule-time-zones"
                defaultValue={rule?.quiet ? rule.timeZone : here}
                autoComplete="off"
                spellCheck={false}
              />
              <datalist id="rule-time-zones">
                {zones.map((zone) => (
                  <option key={zone} value={zone} />
                ))}
              </datalist>
            </>
          )}
        </Field>
      </div>
      <fieldset>
        <legend className="text-muted text-xs">Beginning on these days; none chosen: every day</legend>
        <div className="flex flex-wrap gap-x-4">
          {DAYS.map((day) => (
            <Checkbox
              key={day}
              name="days"
              value={day}
              defaultChecked={quiet.days.includes(day)}
              label={dayName(day).slice(0, 3)}
              aria-label={dayName(day)}
            />
          ))}
        </div>
      </fieldset>
      <Checkbox
        name="criticalAnyway"
        defaultChecked={rule?.criticalAnyway ?? true}
        label="Critical alerts do not wait"
      />
    </>
  );
}
