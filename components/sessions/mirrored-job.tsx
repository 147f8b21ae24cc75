"use client";

import { useQuery } from "@tanstack/react-query";
import { CircleAlert, CircleCheck, CircleDashed, CirclePause, CircleSlash, Layers, RefreshCw } from "lucide-react";
import { useState } from "react";
import { QueryView } from "@/components/feedback/query-view";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { type Column, DataTable } from "@/components/ui/data-table";
import { EmptyState } from "@/components/ui/empty-state";
import { Notice } from "@/components/ui/notice";
import { Panel } from "@/components/ui/panel";
import { Elapsed, RelativeTime } from "@/components/ui/relative-time";
import type { JobPart, MirroredJob, SessionDetail } from "@/lib/engine/sessions/schemas";
import { formatCount } from "@/lib/format";
import { mirroredJobQuery } from "./queries";
import { isMoving } from "./words";

/** Parts that are shown before somebody asks for all. */
const PARTS_SHOWN = 8;

const STATUS_WORDS = {
  Starting: { label: "Starting", tone: "neutral", icon: CircleDashed },
  Queued: { label: "Queued", tone: "neutral", icon: CircleDashed },
  Pending: { label: "Queued", tone: "neutral", icon: CircleDashed },
  Running: { label: "Running", tone: "petrol", icon: RefreshCw },
  Completing: { label: "Completing", tone: "petrol", icon: RefreshCw },
  Waiting: { label: "Waiting", tone: "neutral", icon: CirclePause },
  Succeeded: { label: "Succeeded", tone: "ok", icon: CircleCheck },
  Failed: { label: "Failed", tone: "danger", icon: CircleAlert },
  Canceled: { label: "Cancelled", tone: "neutral", icon: CircleSlash },
} as const;

function StatusBadge({ status }: { status: string }) {
  const known = Object.entries(STATUS_WORDS).find(([name]) => name === status)?.[1];
  const { label, tone, icon } = known ?? { label: "Unknown", tone: "neutral" as const, icon: CircleDashed };
  return (
    <Badge tone={tone} icon={icon}>
      {label}
    </Badge>
  );
}

const COLUMNS: readonly Column<JobPart>[] = [
  {
    id: "part",
    header: "Part",
    className: "min-w-52",
    cell: (part) => (
      <span className="grid">
        <span className="break-words">{part.summary || (part.kind === "metadata" ? "Metadata" : "Transfer")}</span>
        {part.failureMessage && <span className="text-danger text-xs">{part.failureMessage}</span>}
      </span>
    ),
  },
  { id: "state", header: "State", cell: (part) => <StatusBadge status={part.status} /> },
  { id: "started", header: "Started", cell: (part) => <RelativeTime at={part.startedAt} /> },
  {
    id: "took",
    header: "Took",
    align: "right",
    cell: (part) =>
      part.endedAt || part.status === "Running" ? <Elapsed since={part.startedAt} until={part.endedAt} /> : "–",
  },
];

/** On the target: the source's job as this core mirrors it, what it consists of, and when the source was last heard. */
export function MirroredJobPanel({ session }: { session: SessionDetail }) {
  const query = useQuery(mirroredJobQuery(session.id, isMoving(session.run)));
  const job = query.data?.job;
  if (query.data && !job) return null;
  return (
    <Panel
      flush
      title="Job of the source"
      note={job && <Heard job={job} />}
      actions={job && <StatusBadge status={job.silentSince ? "Waiting" : job.status} />}
    >
      <QueryView query={query} what="the job of the source">
        {(data) => data.job && <Job job={data.job} peer={session.peer.name} />}
      </QueryView>
    </Panel>
  );
}

const Heard = ({ job }: { job: MirroredJob }) => (
  <>
    last heard of <RelativeTime at={job.heardAt} />
  </>
);

function Job({ job, peer }: { job: MirroredJob; peer: string }) {
  const [all, setAll] = useState(false);
  const shown = all ? job.parts : job.parts.slice(0, PARTS_SHOWN);
  return (
    <>
      {job.silentSince && <Silence since={job.silentSince} peer={peer} givenUp={job.endedAt !== null} />}
      {job.parts.length === 0 ? (
        <EmptyState icon={Layers} title="No part told yet">
          The source names what a run consists of as it comes to it: the metadata, then each recovery point.
        </EmptyState>
      ) : (
        <DataTable label="Parts of the job" rows={shown} columns={COLUMNS} rowKey={(part) => part.id} />
      )}
      {shown.length < job.parts.length && (
        <div className="border-t px-3.5 py-2">
          <Button size="sm" tone="ghost" onClick={() => setAll(true)}>
            {`Show all ${formatCount(job.parts.length)} parts`}
          </Button>
        </div>
      )}
    </>
  );
}

function Silence({ since, peer, givenUp }: { since: string; peer: string; givenUp: boolean }) {
  return (
    <div className="p-3.5 pb-0">
      <Notice
        kind="warn"
        live
        title={
          <>
            The source has been silent since <RelativeTime at={since} />
          </>
        }
      >
        {givenUp ? "This run was given up after a day. " : "This core shows the run as it was told last. "}
        {`When ${peer} speaks of it again, it goes on by itself. Look whether that core runs and reaches this one.`}
      </Notice>
    </div>
  );
}
