import { CircleCheck, CircleX, Hourglass, type LucideIcon, PauseCircle, RefreshCw } from "lucide-react";
import type { Tone } from "@/components/ui/badge";
import type { SyncSessionSummary } from "@/lib/engine/sync-sessions/schemas";
import { formatBytes, formatCount, formatNumberOf, formatRate } from "@/lib/format";

export const SYNC_WORDS: Readonly<
  Record<SyncSessionSummary["state"], { label: string; tone: Tone; icon: LucideIcon }>
> = {
  queued: { label: "waiting", tone: "neutral", icon: Hourglass },
  running: { label: "running", tone: "petrol", icon: RefreshCw },
  stopped: { label: "stopped", tone: "warn", icon: PauseCircle },
  succeeded: { label: "done", tone: "ok", icon: CircleCheck },
  failed: { label: "failed", tone: "danger", icon: CircleX },
};

export const PHASE_WORDS: Readonly<Record<SyncSessionSummary["phase"], string>> = {
  counting: "Counting files",
  packs: "Comparing packs with the index",
  records: "Looking for second copies of lost records",
  points: "Checking recovery points",
  usage: "Measuring usage",
};

/** What a session changed, as short phrases; empty when storage and catalog agreed. */
export function foundWords(session: SyncSessionSummary): string[] {
  const { packsAdopted, packsLost, recordsLost, pointsAdopted, pointsLost, pointsFound, documentsWritten } = session;
  return [
    pointsAdopted > 0 && `${formatNumberOf(pointsAdopted, "recovery point")} taken over`,
    pointsFound > 0 && `${formatNumberOf(pointsFound, "recovery point")} whole again`,
    pointsLost > 0 && `${formatNumberOf(pointsLost, "recovery point")} damaged`,
    packsAdopted > 0 && `${formatNumberOf(packsAdopted, "pack")} taken over`,
    packsLost > 0 && `${formatNumberOf(packsLost, "pack")} missing`,
    recordsLost > 0 && `${formatNumberOf(recordsLost, "record")} lost`,
    documentsWritten > 0 && `${formatNumberOf(documentsWritten, "document")} written anew`,
  ].filter((words) => words !== false);
}

/** How far and how fast a running one is. */
export function progressWords(session: SyncSessionSummary): string[] {
  const { filesDone, filesTotal, bytesDone, bytesTotal, verifyRecords, rateFilesPerSecond, rateBytesPerSecond } =
    session;
  if (session.phase === "counting") return [];
  return [
    `${formatCount(filesDone)} of ${formatNumberOf(filesTotal, "file")}`,
    verifyRecords && `${formatBytes(bytesDone)} of ${formatBytes(bytesTotal)}`,
    session.state === "running" && rateFilesPerSecond > 0 && `${formatNumberOf(rateFilesPerSecond, "file")}/s`,
    session.state === "running" && verifyRecords && rateBytesPerSecond > 0 && formatRate(rateBytesPerSecond),
  ].filter((words) => words !== false);
}
