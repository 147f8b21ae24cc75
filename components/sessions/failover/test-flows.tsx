"use client";

import { useState } from "react";
import { Checkbox, Field, Input } from "@/components/ui/field";
import { callAdmin } from "@/lib/admin/call";
import { adminContract } from "@/lib/admin/contract";
import { type SessionSummary, TEST_MINUTES_MAX } from "@/lib/engine/sessions/schemas";
import { FlowDialog } from "./flow-dialog";
import { PointChoice } from "./point-choice";
import { startTest, stopTest } from "./sentences";
import { type FlowProps, useOrder } from "./use-order";

/** Minutes as they are typed; null: the test ends when somebody stops it; undefined: that is no number of minutes. */
export function minutesOf(text: string): number | null | undefined {
  if (text.trim() === "") return null;
  const minutes = Number(text);
  return Number.isInteger(minutes) && minutes >= 1 && minutes <= TEST_MINUTES_MAX ? minutes : undefined;
}

export function StartTest({ session, open, onClose }: FlowProps<SessionSummary>) {
  const [recoveryPointId, setPoint] = useState("");
  const [text, setText] = useState("60");
  const minutes = minutesOf(text);
  const { id, agent } = session;
  const order = useOrder(
    () =>
      callAdmin(adminContract.startFailoverTest, {
        id,
        ...(recoveryPointId ? { recoveryPointId } : {}),
        ...(minutes ? { minutes } : {}),
      }),
    `The failover test of ${agent.name} has begun`,
    onClose,
  );
  const error = minutes === undefined ? `A whole number from 1 to ${TEST_MINUTES_MAX}, or nothing.` : undefined;
  return (
    <FlowDialog
      open={open}
      onClose={onClose}
      title={`Test a failover of ${agent.name}`}
      action="Start the test"
      pending={order.isPending}
      error={order.error}
      onConfirm={() => minutes !== undefined && order.mutate(undefined)}
      {...startTest(session, minutes ?? null)}
    >
      <PointChoice agentId={agent.id} value={recoveryPointId} onChange={setPoint} />
      <Field
        label="Taken back by itself after (minutes)"
        hint="Empty: the test goes on until somebody stops it."
        error={error}
      >
        {(control) => (
          <Input
            {...control}
            inputMode="numeric"
            className="max-w-40"
            value={text}
            onChange={(event) => setText(event.target.value)}
          />
        )}
      </Field>
    </FlowDialog>
  );
}

export function StopTest({ session, open, onClose }: FlowProps<SessionSummary>) {
  const [keepRecoveryPoint, setKeep] = useState(false);
  const [force, setForce] = useState(false);
  const { id, agent } = session;
  const order = useOrder(
    () => callAdmin(adminContract.stopFailoverTest, { id, keepRecoveryPoint, force }),
    `The failover test of ${agent.name} has ended`,
    onClose,
  );
  return (
    <FlowDialog
      open={open}
      onClose={onClose}
      title={`Stop the failover test of ${agent.name}`}
      action="Stop the test"
      tone={keepRecoveryPoint ? "primary" : "danger"}
      pending={order.isPending}
      error={order.error}
      onConfirm={() => order.mutate(undefined)}
      {...stopTest(session, keepRecoveryPoint)}
    >
      <div className="grid gap-1">
        <Checkbox
          label="Keep what the test has made"
          checked={keepRecoveryPoint}
          onChange={(event) => setKeep(event.target.checked)}
        />
        <Checkbox
          label="Also while a capture or restore of the copy goes on; the copy is removed later then"
          checked={force}
          onChange={(event) => setForce(event.target.checked)}
        />
      </div>
    </FlowDialog>
  );
}
