"use client";

import { callAdmin } from "@/lib/admin/call";
import { adminContract } from "@/lib/admin/contract";
import type { SessionSummary } from "@/lib/engine/sessions/schemas";
import { FlowDialog } from "./flow-dialog";
import { failBack, reprotect } from "./sentences";
import { type FlowProps, useOrder } from "./use-order";

/** Copies the other way, from the core that is current now. */
export function Reprotect({ session, open, onClose }: FlowProps<SessionSummary>) {
  const { id, agent, peer } = session;
  const order = useOrder(
    () => callAdmin(adminContract.reprotectSession, { id }),
    `${agent.name} is reprotected: copying to ${peer.name} begins`,
    onClose,
  );
  return (
    <FlowDialog
      open={open}
      onClose={onClose}
      title={`Reprotect ${agent.name} on ${peer.name}`}
      action="Reprotect"
      pending={order.isPending}
      error={order.error}
      onConfirm={() => order.mutate(undefined)}
      {...reprotect(session)}
    />
  );
}

/** Back to the core that the agent came from, in steps that follow each other. */
export function FailBack({ session, open, onClose }: FlowProps<SessionSummary>) {
  const { id, agent, peer, side } = session;
  const home = side === "source" ? "this core" : peer.name;
  const order = useOrder(
    () => callAdmin(adminContract.failBackSession, { id }),
    `${agent.name} goes back to ${home}, step by step`,
    onClose,
  );
  return (
    <FlowDialog
      open={open}
      onClose={onClose}
      title={`Fail ${agent.name} back to ${home}`}
      action="Fail back"
      pending={order.isPending}
      error={order.error}
      onConfirm={() => order.mutate(undefined)}
      {...failBack(session)}
    />
  );
}
