"use client";

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { CircleAlert, CircleCheck, CircleDashed, ShieldCheck } from "lucide-react";
import { useState } from "react";
import { QueryError } from "@/components/feedback/query-error";
import { useAction } from "@/components/feedback/use-action";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { Meter } from "@/components/ui/meter";
import { Notice } from "@/components/ui/notice";
import { Panel } from "@/components/ui/panel";
import { RelativeTime } from "@/components/ui/relative-time";
import { callAdmin } from "@/lib/admin/call";
import { adminContract } from "@/lib/admin/contract";
import type { AuditReport, AuditStanding } from "@/lib/engine/audit/schemas";
import { formatCount, formatNumberOf, shareOf } from "@/lib/format";
import { auditStandingQuery } from "./queries";

/** Ten seconds each: more than ten hours would be a trail of billions of entries. */
const REQUESTS_MAX = 4_000;

/** Whether the trail is what was written, and the button that finds out. */
export function ChainPanel() {
  const { data: standing, error, refetch } = useQuery(auditStandingQuery());
  const [progress, setProgress] = useState<AuditReport | null>(null);
  const client = useQueryClient();
  const verify = useAction({
    run: () => verifyToTheEnd(setProgress),
    touches: [["audit", "standing"]],
    done: (report) =>
      report.state === "sound"
        ? `${formatNumberOf(report.position, "entry", "entries")} verified`
        : "The trail is not whole",
    onDone: () => setProgress(null),
  });
  return (
    <Panel
      title="The chain"
      actions={
        <Button
          size="sm"
          pending={verify.isPending}
          onClick={() =>
            verify.mutate(undefined, {
              onSettled: () => void client.invalidateQueries({ queryKey: ["audit", "standing"] }),
            })
          }
        >
          {!verify.isPending && <ShieldCheck aria-hidden />}
          Verify now
        </Button>
      }
    >
      {error && <QueryError error={error} what="the state of the chain" onRetry={() => void refetch()} />}
      {standing && (
        <div className="grid gap-2.5 text-sm">
          <p className="flex flex-wrap items-center gap-x-3 gap-y-1">
            <StateBadge standing={standing} />
            <span className="text-muted">
              {`${formatNumberOf(standing.head, "entry", "entries")} in the chain`}
              {standing.checkpointAt && (
                <>
                  {", the last checkpoint "}
                  <RelativeTime at={standing.checkpointAt} />
                </>
              )}
            </span>
          </p>
          {verify.isPending && <Progress report={progress} head={standing.head} />}
          {!verify.isPending && <Finding standing={standing} />}
        </div>
      )}
    </Panel>
  );
}

async function verifyToTheEnd(tell: (report: AuditReport) => void): Promise<AuditReport> {
  let report = await callAdmin(adminContract.verifyAudit, { restart: true });
  for (let asked = 1; report.state === "going" && asked < REQUESTS_MAX; asked++) {
    tell(report);
    report = await callAdmin(adminContract.verifyAudit, {});
  }
  return report;
}

function StateBadge({ standing: { verification } }: { standing: AuditStanding }) {
  if (!verification)
    return (
      <Badge icon={CircleDashed} tone="neutral">
        Not verified from here yet
      </Badge>
    );
  const at = <RelativeTime at={verification.checkedAt} />;
  if (verification.state === "broken")
    return (
      <Badge icon={CircleAlert} tone="danger">
        {verification.finding?.position
          ? `Broken at ${formatCount(verification.finding.position)}, found`
          : "Broken, found"}{" "}
        {at}
      </Badge>
    );
  return (
    <Badge icon={CircleCheck} tone={verification.state === "sound" ? "ok" : "petrol"}>
      {`Verified up to ${formatCount(verification.position)},`} {at}
    </Badge>
  );
}

function Progress({ report, head }: { report: AuditReport | null; head: number }) {
  const done = report?.position ?? 0;
  const words = `${formatCount(done)} of ${formatCount(report?.head ?? head)} entries`;
  return (
    <div className="grid gap-1" aria-live="polite">
      <Meter share={shareOf(done, report?.head ?? head)} label="Verified" valueText={words} />
      <p className="text-muted text-xs">{words}</p>
    </div>
  );
}

function Finding({ standing: { verification } }: { standing: AuditStanding }) {
  if (verification?.finding)
    return (
      <Notice kind="danger" live title="The trail is not what was written.">
        <p>{verification.finding.message}</p>
        <p className="mt-0.5 text-muted">
          Somebody with rights on the database changed it, or a backup of it was restored. Keep a copy of the database
          and of audit-checkpoints.log before anything else, and compare it with an older export.
        </p>
      </Notice>
    );
  return (
    <p className="text-muted text-xs">
      Each entry carries the hash of the one before; every minute this core puts the newest under its own key. «npm run
      audit -- verify» does the same from a shell.
    </p>
  );
}
