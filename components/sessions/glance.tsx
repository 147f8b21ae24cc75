"use client";

import { useQuery } from "@tanstack/react-query";
import { Waypoints } from "lucide-react";
import Link from "next/link";
import { QueryView } from "@/components/feedback/query-view";
import { cn } from "@/components/ui/cn";
import { EmptyState } from "@/components/ui/empty-state";
import { Panel } from "@/components/ui/panel";
import type { SessionSummary } from "@/lib/engine/sessions/schemas";
import { formatNumberOf } from "@/lib/format";
import { LagMeter } from "./lag";
import { sessionGlanceQuery } from "./queries";
import { SessionBadge } from "./session-badge";
import { direction, lagOf, worstFirst } from "./words";

/** The ones that get a line of their own; all of them are in the strip. */
const LINES_MAX = 6;

const CELLS = { none: "bg-line-strong/60", within: "bg-ok", near: "bg-warn", behind: "bg-danger" } as const;
const KEYS = [
  { kind: "behind", label: "behind" },
  { kind: "near", label: "near the RPO" },
  { kind: "within", label: "in time" },
  { kind: "none", label: "nothing replicated yet" },
] as const;

/** Every session's lag at a glance: one cell each, the worst with a line. */
export function SessionsAtAGlance() {
  const query = useQuery(sessionGlanceQuery());
  return (
    <Panel
      flush
      title="Lag of every session"
      actions={
        <Link href="/sessions" className="text-petrol text-xs hover:underline">
          All sessions
        </Link>
      }
    >
      <QueryView query={query} what="the sessions">
        {(page) =>
          page.items.length === 0 ? (
            <EmptyState icon={Waypoints} title="No sessions yet">
              They appear by themselves once a pairing is approved.
            </EmptyState>
          ) : (
            <Glance sessions={[...page.items].sort(worstFirst)} />
          )
        }
      </QueryView>
    </Panel>
  );
}

function Glance({ sessions }: { sessions: readonly SessionSummary[] }) {
  const live = sessions.filter((session) => session.state !== "ended");
  const count = (kind: keyof typeof CELLS) => live.filter((session) => lagOf(session).kind === kind).length;
  return (
    <>
      <div className="grid gap-2 border-b px-3.5 py-3">
        <ul className="flex flex-wrap gap-1">
          {live.map((session) => (
            <li key={session.id}>
              <Link
                href={`/sessions/${session.id}`}
                prefetch={false}
                title={`${session.agent.name} ${direction(session)}: ${lagOf(session).text}`}
                className={cn("block h-6 w-3.5 rounded-sm touch:h-8 touch:w-6", CELLS[lagOf(session).kind])}
              >
                <span className="sr-only">{`${session.agent.name}: ${lagOf(session).text}`}</span>
              </Link>
            </li>
          ))}
        </ul>
        <p className="flex flex-wrap gap-x-4 gap-y-1 text-muted text-xs">
          {KEYS.filter(({ kind }) => count(kind) > 0).map(({ kind, label }) => (
            <span key={kind} className="flex items-center gap-1.5">
              <span className={cn("size-2 rounded-sm", CELLS[kind])} aria-hidden />
              {`${count(kind)} ${label}`}
            </span>
          ))}
          <span className="ml-auto">{formatNumberOf(live.length, "session")}</span>
        </p>
      </div>
      <ul>
        {live.slice(0, LINES_MAX).map((session) => (
          <li
            key={session.id}
            className="grid grid-cols-[minmax(0,1fr)_auto] items-center gap-x-4 gap-y-1.5 border-b px-3.5 py-2.5 last:border-b-0 @xl:grid-cols-[minmax(0,1fr)_auto_13rem]"
          >
            <span className="min-w-0">
              <Link
                href={`/sessions/${session.id}`}
                prefetch={false}
                className="block truncate font-medium text-sm hover:underline"
              >
                {session.agent.name}
              </Link>
              <span className="block truncate text-muted text-xs">{direction(session)}</span>
            </span>
            <SessionBadge session={session} />
            <LagMeter session={session} className="@max-xl:col-span-2" />
          </li>
        ))}
      </ul>
    </>
  );
}
