"use client";

import { Waypoints } from "lucide-react";
import type { Route } from "next";
import Link from "next/link";
import { usePathname, useRouter, useSearchParams } from "next/navigation";
import { PagedTable } from "@/components/feedback/paged-table";
import { May } from "@/components/shell/may";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import type { Column } from "@/components/ui/data-table";
import { EmptyState } from "@/components/ui/empty-state";
import { Select } from "@/components/ui/field";
import { Panel } from "@/components/ui/panel";
import { RelativeTime } from "@/components/ui/relative-time";
import { SessionState, type SessionSummary } from "@/lib/engine/sessions/schemas";
import { LagMeter } from "./lag";
import { sessionsQuery } from "./queries";
import { RunProgress } from "./run-progress";
import { SessionRowActions } from "./session-actions";
import { SessionBadge } from "./session-badge";
import { direction, ROLE_WORDS, SESSION_WORDS } from "./words";

const COLUMNS: readonly Column<SessionSummary>[] = [
  { id: "agent", header: "Agent", cell: (session) => session.agent.name },
  {
    id: "direction",
    header: "Direction",
    cell: (session) => (
      <div className="grid justify-items-start gap-0.5">
        <Badge tone={ROLE_WORDS[session.role].tone} className="max-w-48">
          <span className="truncate">{direction(session)}</span>
        </Badge>
        <span className="px-1 text-muted text-xs">{ROLE_WORDS[session.role].label}</span>
      </div>
    ),
  },
  { id: "state", header: "State", cell: (session) => <SessionBadge session={session} /> },
  {
    id: "run",
    wide: true,
    header: "Newest run",
    className: "min-[720px]:w-[26%]",
    cell: (session) => <NewestRun session={session} />,
  },
  {
    id: "lag",
    wide: true,
    header: "Lag of RPO",
    className: "min-[720px]:w-[18%]",
    cell: (session) => <LagMeter session={session} />,
  },
  {
    id: "actions",
    header: "Actions",
    align: "right",
    plain: true,
    cell: (session) => <SessionRowActions session={session} />,
  },
];

function NewestRun({ session }: { session: SessionSummary }) {
  const { run, failure } = session;
  if (failure && run?.state !== "running") return <span className="text-danger text-xs">{failure.message}</span>;
  if (run?.state === "succeeded" && run.endedAt)
    return (
      <span className="text-muted text-xs">
        Succeeded <RelativeTime at={run.endedAt} />
      </span>
    );
  return run ? (
    <RunProgress run={run} name={session.agent.name} />
  ) : (
    <span className="text-muted text-xs">None yet</span>
  );
}

export function SessionTable() {
  const state = SessionState.safeParse(useSearchParams().get("state")).data;
  return (
    <Panel flush title="All sessions" actions={<StateFilter state={state} />}>
      <PagedTable
        options={sessionsQuery({ state })}
        what="the sessions"
        label="Replication sessions"
        columns={COLUMNS}
        rowKey={(session) => session.id}
        href={(session) => `/sessions/${session.id}`}
        empty={state ? <NoneInState state={state} /> : <NoSessions />}
      />
    </Panel>
  );
}

function StateFilter({ state }: { state?: SessionState }) {
  const router = useRouter();
  // The same page with another query: always a route that exists.
  const pathname = usePathname() as Route;
  return (
    <Select
      aria-label="State"
      className="h-8 w-44 text-xs"
      value={state ?? ""}
      onChange={(event) =>
        router.replace(event.target.value ? (`${pathname}?state=${event.target.value}` as Route) : pathname)
      }
    >
      <option value="">Any state</option>
      {SessionState.options.map((option) => (
        <option key={option} value={option}>
          {SESSION_WORDS[option].label}
        </option>
      ))}
    </Select>
  );
}

const NoneInState = ({ state }: { state: SessionState }) => (
  <EmptyState icon={Waypoints} title={`No session is in the state “${SESSION_WORDS[state].label}”`} />
);

const NoSessions = () => (
  <EmptyState
    icon={Waypoints}
    title="Nothing is replicated yet"
    action={
      <May call="sendPairingRequest">
        <Button asChild tone="primary">
          <Link href="/pairing/new">Send a pairing request</Link>
        </Button>
      </May>
    }
  >
    A session appears by itself for every agent of an approved pairing: ask another core to take your agents, or approve
    a request of theirs.
  </EmptyState>
);
