"use client";

import { useQuery } from "@tanstack/react-query";
import { RotateCw } from "lucide-react";
import Link from "next/link";
import { useAction } from "@/components/feedback/use-action";
import { useMay } from "@/components/shell/me";
import { Button } from "@/components/ui/button";
import { Notice } from "@/components/ui/notice";
import { RelativeTime } from "@/components/ui/relative-time";
import { callAdmin } from "@/lib/admin/call";
import { adminContract } from "@/lib/admin/contract";
import type { SessionSummary } from "@/lib/engine/sessions/schemas";
import { formatNumberOf } from "@/lib/format";
import { sessionGlanceQuery } from "./queries";
import { isMoving } from "./words";

/** What failed, one card per cause however many sessions it struck. */
export function FailedSessions() {
  const { data } = useQuery(sessionGlanceQuery());
  const groups = groupByCause(data?.items ?? []);
  return groups.map((group) => <FailureCard key={group.message} {...group} />);
}

interface Group {
  message: string;
  sessions: SessionSummary[];
}

function groupByCause(sessions: readonly SessionSummary[]): Group[] {
  const groups = new Map<string, SessionSummary[]>();
  for (const session of sessions) {
    if (!session.failure || isMoving(session.run) || session.state === "ended") continue;
    const message = session.failure.message;
    groups.set(message, [...(groups.get(message) ?? []), session]);
  }
  return [...groups].map(([message, struck]) => ({ message, sessions: struck }));
}

/** Names beyond these are counted, not listed. */
const NAMES_MAX = 4;

function FailureCard({ message, sessions }: Group) {
  const may = useMay();
  const again = useAction({
    run: () => Promise.all(sessions.map(({ id }) => callAdmin(adminContract.runSession, { id }))),
    touches: [["sessions"], ["overview"]],
    done: () => `${formatNumberOf(sessions.length, "session")} runs again`,
  });
  const next = sessions.map((session) => session.nextRunAt).find((at) => at !== null);
  const attempts = sessions.reduce((sum, session) => sum + session.consecutiveFailures, 0);
  return (
    <Notice
      kind="danger"
      title={
        sessions.length > 1
          ? `${formatNumberOf(sessions.length, "session")} failed for the same reason`
          : `${sessions[0]?.agent.name} failed`
      }
      actions={
        may(adminContract.runSession) && (
          <Button size="sm" pending={again.isPending} onClick={() => again.mutate(undefined)}>
            {!again.isPending && <RotateCw aria-hidden />}
            Run again
          </Button>
        )
      }
    >
      <p>{message}</p>
      <p className="mt-0.5 flex flex-wrap gap-x-2 text-muted text-xs">
        {sessions.slice(0, NAMES_MAX).map((session) => (
          <Link key={session.id} href={`/sessions/${session.id}`} className="underline underline-offset-2">
            {session.agent.name}
          </Link>
        ))}
        {sessions.length > NAMES_MAX && <span>{`and ${sessions.length - NAMES_MAX} more`}</span>}
        {attempts > 1 && <span>{`${attempts} attempts in a row`}</span>}
        {next && (
          <span>
            next attempt <RelativeTime at={next} />
          </span>
        )}
      </p>
    </Notice>
  );
}
