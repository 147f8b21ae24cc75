import { Ban, CircleCheck, HardDriveDownload, type LucideIcon, RefreshCw, Truck } from "lucide-react";
import type { Tone } from "@/components/ui/badge";
import type { SeedDriveSummary } from "@/lib/engine/seed-drives/schemas";

interface Word {
  label: string;
  tone: Tone;
  icon: LucideIcon;
}

/** What its state is called on this side. */
export function wordOf({ state, side, task }: SeedDriveSummary): Word {
  switch (state) {
    case "exporting":
      return task
        ? { label: "Being written", tone: "petrol", icon: RefreshCw }
        : { label: "Interrupted", tone: "warn", icon: HardDriveDownload };
    case "waiting":
      return { label: "Waits for the next drive", tone: "warn", icon: HardDriveDownload };
    case "outstanding":
      if (side === "source") return { label: "On its way", tone: "copper", icon: Truck };
      return task
        ? { label: "Being taken over", tone: "petrol", icon: RefreshCw }
        : { label: "Taken over in part", tone: "warn", icon: HardDriveDownload };
    case "consumed":
      return { label: "Consumed", tone: "ok", icon: CircleCheck };
    case "abandoned":
      return { label: "Given up", tone: "neutral", icon: Ban };
    default:
      return state satisfies never;
  }
}

/** What happens next, and who has to do it; empty when nothing is left to do. */
export function nextStep(drive: SeedDriveSummary): string {
  if (drive.task) return "";
  const peer = drive.pairing.peerName;
  switch (drive.state) {
    case "exporting":
      return "The export stopped before its end. Continue it: what is written stays.";
    case "waiting":
      return "The drive is full. Take it out, mount the next one and continue.";
    case "outstanding":
      return drive.side === "source"
        ? `Carry it to ${peer} and consume it there. This core hears of it with the next run.`
        : "Another folder of this drive is still to come, or this one was interrupted. Consume it.";
    default:
      return "";
  }
}

export const touches = [["seed-drives"], ["tasks"]] as const;
