"use client";

import { useQuery } from "@tanstack/react-query";
import { Plus } from "lucide-react";
import { type FormEvent, useState } from "react";
import { QueryView } from "@/components/feedback/query-view";
import { useAction } from "@/components/feedback/use-action";
import { useMay } from "@/components/shell/me";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { Field, Input } from "@/components/ui/field";
import { Notice } from "@/components/ui/notice";
import { Panel } from "@/components/ui/panel";
import { SizeInput } from "@/components/ui/size-input";
import { callAdmin } from "@/lib/admin/call";
import { adminContract } from "@/lib/admin/contract";
import { SetThrottleInput, type ThrottleReport, type ThrottleWindow } from "@/lib/engine/replication-settings/schemas";
import { formatRate } from "@/lib/format";
import { throttleQuery } from "./queries";
import { WindowFields } from "./window-fields";
import { throttleInWords, windowInWords } from "./words";

/** When how much of the line replication may use; in force at once, also for runs that go on. */
export function ThrottlePanel() {
  const query = useQuery(throttleQuery());
  const may = useMay();
  const word = query.data && throttleInWords(query.data.now);
  return (
    <Panel title="Throttle schedule" actions={word && <Badge tone={word.tone}>{word.label}</Badge>}>
      <QueryView query={query} what="the schedule">
        {(schedule) =>
          may(adminContract.setThrottle) ? (
            <ThrottleForm key={keyOf(schedule)} schedule={schedule} />
          ) : (
            <InWords schedule={schedule} />
          )
        }
      </QueryView>
    </Panel>
  );
}

/** What it says just now changes by itself; that must not throw a draft away. */
const keyOf = ({ now: _, ...schedule }: ThrottleReport): string => JSON.stringify(schedule);

function InWords({ schedule }: { schedule: ThrottleReport }) {
  const { bandwidthBytesPerSecond, windows, timeZone } = schedule;
  if (windows.length === 0) return <p className="text-sm">Replication uses the whole line at any time.</p>;
  return (
    <div className="grid gap-2 text-sm">
      {bandwidthBytesPerSecond !== null && (
        <p>{`100 % is ${formatRate(bandwidthBytesPerSecond)}; times are of ${timeZone}.`}</p>
      )}
      <ul className="grid list-disc gap-1 pl-5">
        {windows.map((window) => (
          <li key={JSON.stringify(window)}>{windowInWords(window)}</li>
        ))}
      </ul>
    </div>
  );
}

interface DraftWindow extends ThrottleWindow {
  /** Of this page only: windows have no names. */
  key: number;
}

const WORKDAYS: ThrottleWindow = { percentage: 25, days: [1, 2, 3, 4, 5], start: "08:00", end: "18:00" };

function ThrottleForm({ schedule }: { schedule: ThrottleReport }) {
  const [bandwidth, setBandwidth] = useState(schedule.bandwidthBytesPerSecond);
  const [windows, setWindows] = useState<DraftWindow[]>(() =>
    schedule.windows.map((window, key) => ({ ...window, key })),
  );
  const [wrong, setWrong] = useState<string>();
  const save = useAction({
    run: (input: SetThrottleInput) => callAdmin(adminContract.setThrottle, input),
    touches: [["settings"]],
    done: () => "The schedule is in force",
    quiet: true,
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const timeZone = new FormData(event.currentTarget).get("timeZone");
    const input = SetThrottleInput.safeParse({
      bandwidthBytesPerSecond: bandwidth,
      timeZone,
      windows: windows.map(({ key: _, ...window }) => window),
    });
    setWrong(input.success ? undefined : wrongIn(input.error.issues[0]));
    if (input.success) save.mutate(input.data);
  };
  const add = () =>
    setWindows((before) => [...before, { ...WORKDAYS, key: Math.max(-1, ...before.map(({ key }) => key)) + 1 }]);
  const change = (next: DraftWindow) =>
    setWindows((before) => before.map((window) => (window.key === next.key ? next : window)));
  return (
    <form onSubmit={submit} noValidate className="grid gap-4">
      <div className="grid gap-4 @xl:grid-cols-2">
        <SizeInput
          label="Bandwidth of the line"
          hint="What 100 % is, for all runs of this core together."
          value={bandwidth}
          onChange={setBandwidth}
          units={["MiB", "KiB", "GiB"]}
          per="/s"
        />
        <TimeZoneField value={schedule.timeZone} />
      </div>
      {windows.length === 0 ? (
        <p className="text-muted text-sm">No window: replication uses the whole line at any time.</p>
      ) : (
        <ul className="grid gap-3">
          {windows.map((window, index) => (
            <WindowFields
              key={window.key}
              window={window}
              position={index + 1}
              onChange={(next) => change({ ...next, key: window.key })}
              onRemove={() => setWindows((before) => before.filter(({ key }) => key !== window.key))}
            />
          ))}
        </ul>
      )}
      {(wrong ?? save.error) && (
        <Notice kind="danger" live>
          {wrong ?? save.error?.message}
        </Notice>
      )}
      <div className="flex flex-wrap gap-2">
        <Button type="submit" tone="primary" pending={save.isPending}>
          Save
        </Button>
        <Button onClick={add}>
          <Plus aria-hidden />
          Add a window
        </Button>
      </div>
    </form>
  );
}

function wrongIn(issue: { path: PropertyKey[]; message: string } | undefined): string {
  const [list, index, field] = issue?.path ?? [];
  if (list !== "windows" || typeof index !== "number") return issue?.message ?? "The schedule is not valid.";
  const where = `Window ${index + 1}: `;
  if (field === "days") return `${where}choose a day at least.`;
  if (field === "percentage") return `${where}give a percentage from 0 to 100.`;
  return `${where}${issue?.message}`;
}

function TimeZoneField({ value }: { value: string }) {
  const [zones] = useState(() => ["UTC", ...Intl.supportedValuesOf("timeZone")]);
  return (
    <Field label="Time zone" hint="The windows follow its wall clock, also through daylight saving.">
      {(control) => (
        <>
          <Input
            {...control}
            name="timeZone"
            list="time-zones"
            defaultValue={value}
            autoComplete="off"
            spellCheck={false}
          />
          <datalist id="time-zones">
            {zones.map((zone) => (
              <option key={zone} value={zone} />
            ))}
          </datalist>
        </>
      )}
    </Field>
  );
}
