"use client";

import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import type { SessionSummary } from "@/lib/engine/sessions/schemas";
import { sessionGlanceQuery } from "./queries";
import { RunProgress } from "./run-progress";
import { SessionRowActions } from "./session-actions";
import { SessionBadge } from "./session-badge";
import { direction, isMoving } from "./words";

/** Lines of runs that go on just now, for a list that holds other work too. */
export function RunningSessions() {
  const { data } = useQuery(sessionGlanceQuery());
  return (data?.items ?? [])
    .filter((session) => isMoving(session.run))
    .map((session) => <RunningLine key={session.id} session={session} />);
}

function RunningLine({ session }: { session: SessionSummary }) {
  if (!session.run) return null;
  return (
    <li className="grid grid-cols-[minmax(0,1fr)_auto] items-center gap-x-3 gap-y-1.5 border-b px-3.5 py-2.5 last:border-b-0 @xl:grid-cols-[minmax(0,12rem)_minmax(0,1fr)_auto]">
      <span className="min-w-0">
        <Link href={`/sessions/${session.id}`} className="block truncate font-medium text-sm hover:underline">
          {session.agent.name}
        </Link>
        <span className="mt-0.5 flex min-w-0 items-center gap-2 text-muted text-xs">
          <SessionBadge session={session} />
          <span className="truncate">{direction(session)}</span>
        </span>
      </span>
      <span className="@max-xl:order-3 @max-xl:col-span-2">
        <RunProgress run={session.run} name={session.agent.name} />
      </span>
      <SessionRowActions session={session} />
    </li>
  );
}
