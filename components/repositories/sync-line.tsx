"use client";

import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { QueryView } from "@/components/feedback/query-view";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { LinkProgress } from "@/components/ui/progress";
import { Elapsed, RelativeTime } from "@/components/ui/relative-time";
import type { SyncSessionSummary } from "@/lib/engine/sync-sessions/schemas";
import { formatCount, formatNumberOf } from "@/lib/format";
import { isSyncing, syncSessionQuery } from "./queries";
import { foundWords, PHASE_WORDS, progressWords, SYNC_WORDS } from "./sync-words";

/** A sync session: how far it is, or what it found; its problems on demand. `open`: the newest one shows more. */
export function SyncLine({ session, open }: { session: SyncSessionSummary; open: boolean }) {
  const [showsProblems, setShowsProblems] = useState(false);
  const word = SYNC_WORDS[session.state];
  return (
    <li className="grid gap-1.5 border-b px-3.5 py-2.5 last:border-b-0">
      <span className="flex flex-wrap items-center gap-x-2 gap-y-1 text-muted text-xs">
        <Badge tone={word.tone} icon={word.icon}>
          {session.isStopping ? "stopping" : word.label}
        </Badge>
        {session.verifyRecords && <Badge>every record verified</Badge>}
        <RelativeTime at={session.startedAt ?? session.createdAt} />
        {session.startedAt && session.endedAt && (
          <span>
            in <Elapsed since={session.startedAt} until={session.endedAt} />
          </span>
        )}
        {!isSyncing(session) && session.state !== "succeeded" && <span>{`at ${session.progressPercent} %`}</span>}
      </span>
      {isSyncing(session) && <SyncProgress session={session} />}
      {session.failure && <span className="text-danger text-xs">{session.failure.message}</span>}
      <Found session={session} open={open} />
      {session.problemCount > 0 && (
        <span>
          <Button size="sm" aria-expanded={showsProblems} onClick={() => setShowsProblems(!showsProblems)}>
            {showsProblems ? "Hide problems" : `Show ${formatNumberOf(session.problemCount, "problem")}`}
          </Button>
        </span>
      )}
      {showsProblems && <Problems id={session.id} />}
    </li>
  );
}

function SyncProgress({ session }: { session: SyncSessionSummary }) {
  const counting = session.phase === "counting";
  const phase = session.state === "queued" ? "Waiting for a worker" : PHASE_WORDS[session.phase];
  return (
    <span className="grid gap-1">
      <LinkProgress
        share={counting ? null : session.progressPercent / 100}
        label={`Sync of ${session.repository.name}`}
        valueText={counting ? phase : `${session.progressPercent} %, ${phase}`}
      />
      <span data-figures className="flex flex-wrap gap-x-2 text-muted text-xs">
        <span>{phase}…</span>
        {!counting && <span>{`${session.progressPercent} %`}</span>}
        {progressWords(session).map((words) => (
          <span key={words} className="whitespace-nowrap">
            {words}
          </span>
        ))}
      </span>
    </span>
  );
}

function Found({ session, open }: { session: SyncSessionSummary; open: boolean }) {
  const words = foundWords(session);
  if (words.length > 0) return <span className="text-sm">{`${words.join(", ")}.`}</span>;
  if (session.state !== "succeeded") return null;
  const looked = open ? ` ${formatNumberOf(session.filesTotal, "file")} looked at.` : "";
  // What an earlier session marked is still a problem of this one.
  const verdict = session.problemCount > 0 ? "Nothing new was found." : "Storage and catalog agree.";
  return <span className="text-muted text-sm">{`${verdict}${looked}`}</span>;
}

function Problems({ id }: { id: string }) {
  const query = useQuery(syncSessionQuery(id));
  return (
    <QueryView query={query} what="its problems">
      {({ problems, problemCount }) => (
        <div className="rounded-md border bg-sunken/40">
          <ul className="max-h-80 overflow-y-auto">
            {problems.map((problem) => (
              <li key={problem.file} className="grid gap-0.5 border-b px-3 py-2 text-sm last:border-b-0">
                <span>{problem.reason}</span>
                <span className="break-all font-mono text-muted text-xs">{problem.file}</span>
              </li>
            ))}
          </ul>
          {problemCount > problems.length && (
            <p className="border-t px-3 py-2 text-muted text-xs">{`and ${formatCount(problemCount - problems.length)} more`}</p>
          )}
        </div>
      )}
    </QueryView>
  );
}
