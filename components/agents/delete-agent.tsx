"use client";

import { Trash2 } from "lucide-react";
import { useState } from "react";
import { useAction } from "@/components/feedback/use-action";
import { useMay } from "@/components/shell/me";
import { Button } from "@/components/ui/button";
import { Confirm } from "@/components/ui/confirm";
import { Notice } from "@/components/ui/notice";
import { RelativeTime } from "@/components/ui/relative-time";
import { callAdmin } from "@/lib/admin/call";
import { adminContract } from "@/lib/admin/contract";
import type { AgentDetail } from "@/lib/engine/agents/schemas";
import { formatBytes, formatNumberOf } from "@/lib/format";

const touches = [["agents"], ["recovery-points"], ["sessions"], ["pairings"], ["overview"]] as const;

/** Deletes an agent with all its recovery points, after its name has been typed. */
export function DeleteAgent({ agent }: { agent: AgentDetail }) {
  const [open, setOpen] = useState(false);
  const may = useMay();
  const remove = useAction({
    run: () => callAdmin(adminContract.deleteAgent, { id: agent.id }),
    touches,
    done: () => `${agent.name} is being deleted`,
    onDone: () => setOpen(false),
    onWaiting: () => setOpen(false),
    quiet: true,
  });
  if (agent.deletionAskedAt || !may(adminContract.deleteAgent)) return null;
  const change = (next: boolean) => {
    remove.reset();
    setOpen(next);
  };
  return (
    <>
      <Button tone="danger-quiet" onClick={() => setOpen(true)}>
        <Trash2 aria-hidden />
        Delete…
      </Button>
      <Confirm
        open={open}
        onOpenChange={change}
        title={`Delete ${agent.name}`}
        action="Delete agent"
        typed={agent.name}
        pending={remove.isPending}
        onConfirm={() => remove.mutate(undefined)}
      >
        <p>
          {agent.recoveryPoints === 0
            ? "The agent is deleted on this core. It has no recovery points here."
            : `The agent and its ${formatNumberOf(agent.recoveryPoints, "recovery point")} (${formatBytes(agent.storedBytes)} stored) are deleted on this core. They cannot be brought back from here.`}
        </p>
        <p>{agent.source ? replicaEnds(agent.source.coreName) : OWN_ENDS}</p>
        <p className="text-muted">
          {agent.source
            ? `Not touched: the agent and its recovery points on ${agent.source.coreName}.`
            : "Not touched: the machine itself, and replicas on other cores."}{" "}
          Refused while a recovery point is locked, or a run, capture or restore goes on.
        </p>
        {remove.error && (
          <Notice kind="danger" live title="Not deleted">
            {remove.error.message}
          </Notice>
        )}
      </Confirm>
    </>
  );
}

const replicaEnds = (core: string) =>
  `Its replication to here ends at once, and ${core} is told. It may ask to replicate the agent again.`;
const OWN_ENDS = "Nothing is captured or replicated for it any more, from now on.";

/** That it is going, while it goes. */
export function DeletionNotice({ agent }: { agent: AgentDetail }) {
  if (!agent.deletionAskedAt) return null;
  return (
    <Notice kind="warn" live title="This agent is being deleted" className="mb-4">
      Asked for <RelativeTime at={agent.deletionAskedAt} />.{" "}
      {agent.recoveryPoints > 0
        ? `${formatNumberOf(agent.recoveryPoints, "recovery point")} left. One that was locked meanwhile stays until it is unlocked.`
        : "Its recovery points are gone; the rest follows."}
    </Notice>
  );
}
