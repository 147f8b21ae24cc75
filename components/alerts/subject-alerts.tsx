"use client";

import { usePaged } from "@/components/feedback/use-paged";
import { Panel } from "@/components/ui/panel";
import { AlertItem } from "./alert-item";
import { alertsQuery } from "./queries";

/** On the page of what they are about: alerts that are not over. Nothing when there are none. */
export function SubjectAlerts({ subjectId }: { subjectId: string }) {
  const { rows } = usePaged(alertsQuery({ subjectId, state: "current" }));
  if (rows.length === 0) return null;
  return (
    <Panel flush title="Alerts">
      <ul>
        {rows.map((alert) => (
          <AlertItem key={alert.id} alert={alert} here />
        ))}
      </ul>
    </Panel>
  );
}
