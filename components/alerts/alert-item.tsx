"use client";

import { Check, ChevronRight } from "lucide-react";
import type { Route } from "next";
import Link from "next/link";
import { useAction } from "@/components/feedback/use-action";
import { May } from "@/components/shell/may";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { RelativeTime } from "@/components/ui/relative-time";
import { callAdmin } from "@/lib/admin/call";
import { adminContract } from "@/lib/admin/contract";
import type { Alert } from "@/lib/engine/alerts/schemas";
import { ALERT_STATE_WORDS, SEVERITY_WORDS, subjectOf } from "./words";

/** One alert: what is the matter, why, what can be done, and that somebody sees to it. `here`: its subject's own page. */
export function AlertItem({ alert, here = false }: { alert: Alert; here?: boolean }) {
  const severity = SEVERITY_WORDS[alert.severity];
  const state = ALERT_STATE_WORDS[alert.state];
  return (
    <li className="grid gap-x-4 gap-y-2.5 border-b px-3.5 py-3 last:border-b-0 @2xl:grid-cols-[minmax(0,1fr)_auto]">
      <div className="grid min-w-0 content-start gap-1.5">
        <p className="flex flex-wrap items-center gap-x-2 gap-y-1">
          <Badge tone={severity.tone} icon={severity.icon}>
            {severity.label}
          </Badge>
          {alert.state !== "open" && (
            <Badge tone={state.tone} icon={state.icon}>
              {state.label}
            </Badge>
          )}
          <span className="min-w-0 break-words font-medium text-sm">{alert.title}</span>
        </p>
        {alert.detail && <p className="break-words text-sm">{alert.detail}</p>}
        {alert.note && (
          <p className="break-words border-l-2 pl-2 text-sm">{`${alert.acknowledgedBy ?? "Somebody"}: ${alert.note}`}</p>
        )}
        {alert.state !== "cleared" && <p className="text-muted text-sm">{alert.remedy}</p>}
        <Times alert={alert} />
      </div>
      <div className="flex flex-wrap items-start gap-2">
        {!here && alert.subject.kind !== "job" && <SubjectLink alert={alert} />}
        {alert.state === "open" && (
          <May call="acknowledgeAlert">
            <Acknowledge alert={alert} />
          </May>
        )}
      </div>
    </li>
  );
}

function Times({ alert }: { alert: Alert }) {
  return (
    <p className="flex flex-wrap gap-x-3 gap-y-0.5 text-muted text-xs">
      <span>
        raised <RelativeTime at={alert.raisedAt} />
      </span>
      {alert.count > 1 && <span>{`${alert.count} times`}</span>}
      {alert.acknowledgedAt && (
        <span>
          {`${alert.acknowledgedBy ?? "somebody"} sees to it since `}
          <RelativeTime at={alert.acknowledgedAt} />
        </span>
      )}
      {alert.clearedAt && (
        <span>
          over <RelativeTime at={alert.clearedAt} />
        </span>
      )}
    </p>
  );
}

function SubjectLink({ alert }: { alert: Alert }) {
  const { href, label } = subjectOf(alert);
  return (
    <Button asChild size="sm">
      <Link href={href as Route} prefetch={false}>
        {label}
        <ChevronRight aria-hidden />
      </Link>
    </Button>
  );
}

function Acknowledge({ alert }: { alert: Alert }) {
  const acknowledge = useAction({
    run: () => callAdmin(adminContract.acknowledgeAlert, { id: alert.id }),
    touches: [["alerts"]],
    done: () => "Noted: you see to it",
  });
  return (
    <Button
      size="sm"
      tone="primary"
      pending={acknowledge.isPending}
      onClick={() => acknowledge.mutate(undefined)}
      aria-label={`Acknowledge: ${alert.title}`}
    >
      {!acknowledge.isPending && <Check aria-hidden />}
      Acknowledge
    </Button>
  );
}
