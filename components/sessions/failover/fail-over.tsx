"use client";

import { useState } from "react";
import { Checkbox } from "@/components/ui/field";
import { callAdmin } from "@/lib/admin/call";
import { adminContract } from "@/lib/admin/contract";
import type { SessionSummary } from "@/lib/engine/sessions/schemas";
import { formatAbsolute } from "@/lib/format";
import { FlowDialog } from "./flow-dialog";
import { PointChoice } from "./point-choice";
import { plannedFailover, unplannedFailover } from "./sentences";
import { type FlowProps, useOrder } from "./use-order";

/** Given where the agent is current: nothing is lost. */
export function PlannedFailover({ session, open, onClose }: FlowProps<SessionSummary>) {
  const [reverse, setReverse] = useState(true);
  const { id, agent, peer } = session;
  const order = useOrder(
    () => callAdmin(adminContract.failOverSession, { id, kind: "planned", reverse }),
    `${agent.name} fails over to ${peer.name}; the last sync begins`,
    onClose,
  );
  return (
    <FlowDialog
      open={open}
      onClose={onClose}
      title={`Fail ${agent.name} over to ${peer.name}`}
      action="Fail over"
      pending={order.isPending}
      error={order.error}
      onConfirm={() => order.mutate(undefined)}
      {...plannedFailover(session, reverse)}
    >
      <Checkbox
        label={`Copy the other way afterwards, from ${peer.name} to this core`}
        checked={reverse}
        onChange={(event) => setReverse(event.target.checked)}
      />
    </FlowDialog>
  );
}

/** Given on the core that follows: the other one is not asked. */
export function UnplannedFailover({ session, open, onClose }: FlowProps<SessionSummary>) {
  const [recoveryPointId, setPoint] = useState("");
  const isTesting = session.test !== null && session.test.agentId !== null;
  const [useTestCopy, setTestCopy] = useState(false);
  const { id, agent } = session;
  const again = session.state === "failed_over";
  const order = useOrder(
    () =>
      callAdmin(adminContract.failOverSession, {
        id,
        kind: "unplanned",
        force: again,
        useTestCopy: isTesting && useTestCopy,
        ...(recoveryPointId && !useTestCopy ? { recoveryPointId } : {}),
      }),
    `This core becomes current for ${agent.name}`,
    onClose,
  );
  const newestAt = session.newestPointAt ? formatAbsolute(new Date(session.newestPointAt)) : null;
  const from = isTesting && useTestCopy ? "test" : recoveryPointId ? "point" : "newest";
  return (
    <FlowDialog
      open={open}
      onClose={onClose}
      title={`Fail ${agent.name} over to this core, without ${session.peer.name}`}
      action="Take over now"
      tone="danger"
      typed={agent.name}
      pending={order.isPending}
      error={order.error}
      onConfirm={() => order.mutate(undefined)}
      {...unplannedFailover(session, from, newestAt)}
    >
      {isTesting && (
        <Checkbox
          label="Go on from what the failover test has made"
          checked={useTestCopy}
          onChange={(event) => setTestCopy(event.target.checked)}
        />
      )}
      {!(isTesting && useTestCopy) && <PointChoice agentId={agent.id} value={recoveryPointId} onChange={setPoint} />}
    </FlowDialog>
  );
}
