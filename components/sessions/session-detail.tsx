"use client";

import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import type { ReactNode } from "react";
import { SubjectAlerts } from "@/components/alerts/subject-alerts";
import { QueryView } from "@/components/feedback/query-view";
import { Badge } from "@/components/ui/badge";
import { Facts } from "@/components/ui/facts";
import { Notice } from "@/components/ui/notice";
import { PageHeader } from "@/components/ui/page-header";
import { Panel } from "@/components/ui/panel";
import { RelativeTime } from "@/components/ui/relative-time";
import { SeriesChart } from "@/components/ui/series-chart";
import type { SessionDetail } from "@/lib/engine/sessions/schemas";
import { formatCount, formatDuration, formatNumberOf, formatRate } from "@/lib/format";
import { FailoverPanel } from "./failover/failover-panel";
import { Situation } from "./failover/situation";
import { LagMeter } from "./lag";
import { MirroredJobPanel } from "./mirrored-job";
import { sessionQuery } from "./queries";
import { RunHistory } from "./run-history";
import { RunPanel } from "./run-panel";
import { SessionButtons } from "./session-actions";
import { SessionBadge } from "./session-badge";
import { direction, isMoving, ROLE_WORDS } from "./words";

/** Rates are written about every 5 s: three missing mean that nothing ran. */
const RATE_GAP_MS = 15_000;
const TRAIL = [{ label: "Sessions", href: "/sessions" }];

interface SessionPageProps {
  id: string;
  /** The control that changes the rate cap; pairings own it. */
  rateCap: (session: SessionDetail) => ReactNode;
}

export function SessionPage({ id, rateCap }: SessionPageProps) {
  const query = useQuery(sessionQuery(id));
  return (
    <>
      {!query.data && <PageHeader title="Session" trail={TRAIL} />}
      <QueryView query={query} what="this session">
        {(session) => <SessionView session={session} rateCap={rateCap(session)} />}
      </QueryView>
    </>
  );
}

function SessionView({ session, rateCap }: { session: SessionDetail; rateCap: ReactNode }) {
  return (
    <>
      <PageHeader
        title={session.agent.name}
        trail={TRAIL}
        badges={
          <>
            <Badge tone={ROLE_WORDS[session.role].tone} title={ROLE_WORDS[session.role].label}>
              {direction(session)}
            </Badge>
            <SessionBadge session={session} />
          </>
        }
        actions={<SessionButtons session={session} />}
      />
      <div className="grid gap-4 lg:grid-cols-[minmax(0,1fr)_19rem] lg:grid-rows-[auto_1fr]">
        <div className="grid min-w-0 content-start gap-4">
          <Situation session={session} />
          <SubjectAlerts subjectId={session.id} />
          {isFailing(session) && <Failing session={session} />}
          {session.run && <RunPanel session={session} run={session.run} />}
          {session.side === "target" && session.run && <MirroredJobPanel session={session} />}
          {session.rates.length > 0 && <Rates session={session} />}
        </div>
        <div className="grid content-start gap-4 lg:row-span-2">
          <Panel title="Lag">
            <LagMeter session={session} />
          </Panel>
          <FailoverPanel session={session} />
          <Panel title="This session">
            <SessionFacts session={session} />
          </Panel>
          <Panel title="Rate cap">{rateCap}</Panel>
        </div>
        <div className="min-w-0 lg:col-start-1">
          <RunHistory runs={session.runs} />
        </div>
      </div>
    </>
  );
}

/** A run that only waits for a source that fell silent has not failed; its own panel says what it waits for. */
function isFailing({ failure, run, side }: SessionDetail): boolean {
  if (!failure || isMoving(run)) return false;
  return side === "source" || run?.state !== "paused" || run.pauseReason !== failure.message;
}

function Failing({ session }: { session: SessionDetail }) {
  const times = session.consecutiveFailures;
  return (
    <Notice kind="danger" live title={times > 1 ? `The last ${formatCount(times)} runs failed` : "The last run failed"}>
      <p>{session.failure?.message}</p>
      <p className="mt-0.5 text-muted">
        {session.nextRunAt ? (
          <>
            It tries again by itself <RelativeTime at={session.nextRunAt} />.
          </>
        ) : (
          "It does not try again by itself."
        )}
      </p>
    </Notice>
  );
}

function SessionFacts({ session }: { session: SessionDetail }) {
  const time = (at: string | null) => (at ? <RelativeTime at={at} /> : "never");
  return (
    <Facts
      items={[
        {
          label: "Agent",
          value: (
            <Link href={`/agents/${session.agent.id}`} className="underline underline-offset-2">
              {session.agent.name}
            </Link>
          ),
        },
        {
          label: "Peer",
          value: (
            <Link href={`/pairing/${session.peer.pairingId}`} className="underline underline-offset-2">
              {session.peer.name}
            </Link>
          ),
        },
        {
          label: "This core is",
          value: session.role === "source" ? "the source: it is current" : "the destination: it follows",
        },
        { label: "The agent is of", value: session.side === "source" ? "this core" : session.peer.name },
        { label: "RPO", value: formatDuration(session.rpoSeconds) },
        { label: "Newest point", value: time(session.newestPointAt) },
        { label: "Last success", value: time(session.lastSuccessAt) },
        {
          label: "Next run",
          value: session.nextRunAt ? <RelativeTime at={session.nextRunAt} /> : "when there is something to copy",
        },
        ...(session.pendingPoints === null
          ? []
          : [{ label: "Waiting", value: formatNumberOf(session.pendingPoints, "recovery point") }]),
      ]}
    />
  );
}

function Rates({ session }: { session: SessionDetail }) {
  const top = Math.max(...session.rates.map((point) => point.bytesPerSecond));
  return (
    <Panel title="Rate" note={`up to ${formatRate(top)}`}>
      <SeriesChart
        summary={`Rate of the newest run of ${session.agent.name} over time: plaintext and on the wire. At most ${formatRate(top)}.`}
        points={session.rates}
        series={[
          { key: "bytesPerSecond", label: "Data covered" },
          { key: "wireBytesPerSecond", label: "On the wire", dashed: true },
        ]}
        per="/s"
        gapMs={RATE_GAP_MS}
      />
    </Panel>
  );
}
