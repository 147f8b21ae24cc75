"use client";

import { queryOptions, useQuery } from "@tanstack/react-query";
import { QueryView } from "@/components/feedback/query-view";
import { useAction } from "@/components/feedback/use-action";
import { useMay } from "@/components/shell/me";
import { Field, Select } from "@/components/ui/field";
import { Panel } from "@/components/ui/panel";
import { callAdmin } from "@/lib/admin/call";
import { adminContract } from "@/lib/admin/contract";

const settingsQuery = () =>
  queryOptions({
    queryKey: ["statements", "settings"],
    queryFn: ({ signal }) => callAdmin(adminContract.getBillingSettings, {}, signal),
  });

/** Days that every month has. */
const DAYS = Array.from({ length: 28 }, (_, at) => at + 1);

/** When statements become final, and are mailed, without anybody. */
export function BillingSettingsLine() {
  const may = useMay();
  const query = useQuery({ ...settingsQuery(), enabled: may(adminContract.getBillingSettings) });
  const save = useAction({
    run: (finaliseOnDay: number | null) => callAdmin(adminContract.setBillingSettings, { finaliseOnDay }),
    touches: [["statements", "settings"]],
    done: ({ finaliseOnDay }) =>
      finaliseOnDay ? `Statements become final on day ${finaliseOnDay}` : "Statements become final by hand",
  });
  if (!may(adminContract.getBillingSettings)) return null;
  return (
    <Panel title="On schedule">
      <QueryView query={query} what="the schedule">
        {({ finaliseOnDay }) => (
          <Field
            label="Statements of the month before become final"
            hint="As they do, each tenant with e-mail addresses for statements is sent its own, as PDF and CSV."
            className="max-w-xl"
          >
            {(control) => (
              <Select
                {...control}
                disabled={save.isPending || !may(adminContract.setBillingSettings)}
                value={finaliseOnDay ?? ""}
                onChange={(event) => save.mutate(event.target.value ? Number(event.target.value) : null)}
              >
                <option value="">when a person finalises them</option>
                {DAYS.map((day) => (
                  <option key={day} value={day}>{`by themselves on day ${day} of the month (UTC)`}</option>
                ))}
              </Select>
            )}
          </Field>
        )}
      </QueryView>
    </Panel>
  );
}
