"use client";

import { CircleX, Pause, Play, RotateCw } from "lucide-react";
import { useAction } from "@/components/feedback/use-action";
import { useMay } from "@/components/shell/me";
import { callAdmin } from "@/lib/admin/call";
import { adminContract } from "@/lib/admin/contract";
import type { SessionOperation, SessionSummary } from "@/lib/engine/sessions/schemas";
import { isMoving } from "./words";

const touches = [["sessions"], ["overview"]] as const;

/** What may be done with a session as it stands, for the role that looks at it. */
export function useSessionActions(session: SessionSummary) {
  const may = useMay();
  const id = session.id;
  const name = session.agent.name;
  const run = useAction({
    run: () => callAdmin(adminContract.runSession, { id }),
    touches,
    done: () => `${name} replicates now`,
  });
  const pause = useAction({
    run: () => callAdmin(adminContract.pauseSession, { id }),
    touches,
    done: () => `${name} is paused; records in flight still arrive`,
  });
  const resume = useAction({
    run: () => callAdmin(adminContract.resumeSession, { id }),
    touches,
    done: () => `${name} goes on`,
  });
  const cancel = useAction({
    run: () => callAdmin(adminContract.cancelRun, { id }),
    touches,
    done: () => `The run of ${name} is being cancelled; what has arrived stays`,
  });
  const moving = isMoving(session.run);
  const paused = ["pausing", "paused", "resuming"].includes(session.state);
  const allows = (operation: SessionOperation) =>
    session.allowed.some((rule) => rule.operation === operation && rule.allowed);
  const failed = session.failure !== null || session.run?.state === "failed";
  const all = [
    {
      label: failed ? "Run again" : "Run now",
      icon: RotateCw,
      action: run,
      shown: !moving && allows("sync"),
      row: adminContract.runSession,
    },
    {
      label: "Resume",
      icon: Play,
      action: resume,
      shown: paused && allows("resume"),
      row: adminContract.resumeSession,
    },
    { label: "Pause", icon: Pause, action: pause, shown: !paused && allows("pause"), row: adminContract.pauseSession },
    { label: "Cancel run", icon: CircleX, action: cancel, shown: moving, row: adminContract.cancelRun },
  ];
  return all.filter((one) => one.shown && may(one.row));
}
