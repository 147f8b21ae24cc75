import type { ActiveEntry, WaitingEntry } from "@/lib/engine/replication-queue/schemas";
import type { RunReport } from "@/lib/engine/sessions/schemas";
import type { ActiveRow, InactiveRow } from "../output";
import { LOCAL_SYSTEM, QUEUE_WORDS, toDate, toDuration, toMegabytes, toRemaining } from "./words";

const PHASES: Readonly<Record<RunReport["phase"], string>> = {
  plan: "Prepare (1/4)",
  metadata: "Prepare (1/4)",
  negotiate: "Replicate (2/4)",
  transfer: "Replicate (2/4)",
  commit: "Processing (3/4)",
  finish: "Target Processing (4/4)",
};

/** A run that goes on. `now` as an instant. */
export function toActive(entry: ActiveEntry, position: number, systemName: string, now: string): ActiveRow {
  const { run } = entry;
  const began = run.startedAt ?? run.createdAt;
  const elapsed = toDuration((Date.parse(now) - Date.parse(began)) / 1000);
  return {
    id: entry.number,
    queue_position: position,
    client_name: entry.agent.name,
    instance_name: entry.agent.name,
    system_name: systemName,
    type: "replication",
    schedule_name: entry.policyName ?? "",
    mode: "Incremental",
    sid: LOCAL_SYSTEM,
    name: PHASES[run.phase],
    target: entry.peer.name,
    backup_id: entry.number,
    size: toMegabytes(run.bytesTotal),
    data_written: toMegabytes(run.bytesDone),
    start_date: toDate(began),
    duration: elapsed,
    percent_complete: percent(run),
    phase_start_date: toDate(began),
    phase_completion: run.etaSeconds === null ? "Calculating..." : toRemaining(run.etaSeconds),
    phase_elapsed_time: elapsed,
    status: "running",
    suspendable: false,
    cancellable: true,
  };
}

function percent({ bytesDone, bytesTotal }: RunReport): string {
  if (bytesTotal <= 0) return "In Progress";
  return `${Math.floor(Math.min(100, (bytesDone / bytesTotal) * 100) * 10) / 10}%`;
}

/** A backup that waits. */
export function toInactive(entry: WaitingEntry): InactiveRow {
  return {
    queue_position: entry.position,
    target: entry.peer.name,
    backup_id: entry.number,
    type: "replication",
    name: entry.agent.name,
    instance_name: entry.agent.name,
    size: toMegabytes(entry.sizeBytes),
    start_date: entry.createdAt === null ? "" : toDate(entry.createdAt),
    status: QUEUE_WORDS[entry.status],
  };
}
