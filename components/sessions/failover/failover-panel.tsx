"use client";

import { useState } from "react";
import { useMay } from "@/components/shell/me";
import { Button } from "@/components/ui/button";
import { Panel } from "@/components/ui/panel";
import { RelativeTime } from "@/components/ui/relative-time";
import { adminContract } from "@/lib/admin/contract";
import type { SessionDetail, SessionOperation } from "@/lib/engine/sessions/schemas";
import { isFetching } from "../words";
import { PlannedFailover, UnplannedFailover } from "./fail-over";
import { FailBack, Reprotect } from "./return";
import { StartTest, StopTest } from "./test-flows";

interface Flow {
  operation: SessionOperation;
  label: string;
  /** One line under the button. */
  purpose: (session: SessionDetail) => string;
  row: (typeof adminContract)[keyof typeof adminContract];
  dialog: typeof PlannedFailover;
}

const FLOWS: readonly Flow[] = [
  {
    operation: "fail_over_planned",
    label: "Planned failover…",
    purpose: ({ peer }) => `A last sync, then ${peer.name} is current. Nothing is lost.`,
    row: adminContract.failOverSession,
    dialog: PlannedFailover,
  },
  {
    operation: "reprotect",
    label: "Reprotect…",
    purpose: ({ peer }) => `Copies the other way, from this core to ${peer.name}.`,
    row: adminContract.reprotectSession,
    dialog: Reprotect,
  },
  {
    operation: "fail_back",
    label: "Fail back…",
    purpose: ({ side, peer }) =>
      `Back to ${side === "source" ? "this core" : peer.name}, where the agent came from, step by step.`,
    row: adminContract.failBackSession,
    dialog: FailBack,
  },
  {
    operation: "start_failover_test",
    label: "Test a failover…",
    purpose: () => "A copy to restore from and write to, while replication goes on.",
    row: adminContract.startFailoverTest,
    dialog: StartTest,
  },
  {
    operation: "stop_failover_test",
    label: "Stop the test…",
    purpose: () => "Removes the copy, or keeps what it has made.",
    row: adminContract.stopFailoverTest,
    dialog: StopTest,
  },
  {
    operation: "fail_over_unplanned",
    label: "Take over without it…",
    purpose: ({ peer }) => `When ${peer.name} is lost: this core is current from now on.`,
    row: adminContract.failOverSession,
    dialog: UnplannedFailover,
  },
];

/** An order about what does not go on, or has not happened, is not worth a line; one that only has to wait is. */
function isOfNow(session: SessionDetail, operation: SessionOperation): boolean {
  switch (operation) {
    case "start_failover_test":
      return session.test === null;
    case "stop_failover_test":
      return session.test !== null;
    case "fail_back":
      return isFetching(session);
    case "reprotect":
      return session.state === "failed_over";
    default:
      return true;
  }
}

/** Who is current, what follows by itself, and every order that changes it, with the reason where one is refused just now. */
export function FailoverPanel({ session }: { session: SessionDetail }) {
  const [open, setOpen] = useState<SessionOperation | null>(null);
  const may = useMay();
  const rules = new Map(session.allowed.map((rule) => [rule.operation, rule]));
  const shown = FLOWS.filter(({ operation, row }) => {
    const rule = rules.get(operation);
    return rule && may(row) && isOfNow(session, operation) && (rule.allowed || rule.detail !== "wrong-side");
  });
  const chosen = FLOWS.find(({ operation }) => operation === open);
  return (
    <Panel title="Failover">
      <div className="grid gap-3">
        <Standing session={session} />
        {session.state !== "ended" && shown.length > 0 && (
          <ul className="grid gap-2.5">
            {shown.map(({ operation, label, purpose }) => {
              const rule = rules.get(operation);
              return (
                <li key={operation} className="grid justify-items-start gap-1">
                  <Button
                    size="sm"
                    tone={operation === "fail_over_unplanned" ? "danger-quiet" : "secondary"}
                    disabled={!rule?.allowed}
                    onClick={() => setOpen(operation)}
                  >
                    {label}
                  </Button>
                  <span className="text-muted text-xs">{rule?.allowed ? purpose(session) : rule?.reason}</span>
                </li>
              );
            })}
          </ul>
        )}
        {chosen && <chosen.dialog session={session} open onClose={() => setOpen(null)} />}
      </div>
    </Panel>
  );
}

function Standing({ session }: { session: SessionDetail }) {
  const { peer, agent, role, failover, heardAt } = session;
  return (
    <div className="grid gap-1 text-sm">
      <p>
        {role === "source"
          ? `This core is current for ${agent.name}; ${peer.name} follows.`
          : `${peer.name} is current for ${agent.name}; this core follows.`}
      </p>
      {failover && (
        <p className="text-muted text-xs">
          {`Last failover: ${failover.kind}, `}
          <RelativeTime at={failover.at} />.
        </p>
      )}
      {session.isLinkDown && (
        <p className="font-medium text-warn text-xs">
          {`${peer.name} does not answer just now`}
          {heardAt && (
            <>
              ; heard <RelativeTime at={heardAt} />
            </>
          )}
          .
        </p>
      )}
      {!session.isHeard && <p className="text-muted text-xs">{`${peer.name} has not heard of the last order yet.`}</p>}
    </div>
  );
}
