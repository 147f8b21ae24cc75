"use client";

import { Ban, CircleX, HardDrive, Play } from "lucide-react";
import { useState } from "react";
import { useAction } from "@/components/feedback/use-action";
import { useMay } from "@/components/shell/me";
import { Button } from "@/components/ui/button";
import { Confirm } from "@/components/ui/confirm";
import { callAdmin } from "@/lib/admin/call";
import { adminContract } from "@/lib/admin/contract";
import type { SeedDriveSummary } from "@/lib/engine/seed-drives/schemas";
import { ContinueDrive } from "./continue-drive";
import { touches } from "./words";

/** What a person may do with a drive just now. */
export function DriveActions({ drive }: { drive: SeedDriveSummary }) {
  const may = useMay();
  const [open, setOpen] = useState<"abandon" | "continue" | null>(null);
  const close = () => setOpen(null);
  const goOn = useAction({
    run: () => callAdmin(adminContract.continueSeedDrive, { id: drive.id }),
    touches,
    done: () => `${drive.name} goes on`,
  });
  const stop = useAction({
    run: () => callAdmin(adminContract.cancelTask, { id: drive.task?.id ?? "" }),
    touches,
    done: () => "It stops within a second; what is done stays",
  });
  if (!may(adminContract.abandonSeedDrive)) return null;
  const ended = drive.state === "consumed" || drive.state === "abandoned";
  return (
    <div className="flex flex-wrap gap-2">
      {drive.task && (
        <Button size="sm" pending={stop.isPending} onClick={() => stop.mutate(undefined)}>
          <CircleX aria-hidden />
          Stop
        </Button>
      )}
      {!drive.task && drive.state === "exporting" && (
        <Button size="sm" pending={goOn.isPending} onClick={() => goOn.mutate(undefined)}>
          <Play aria-hidden />
          Continue
        </Button>
      )}
      {!drive.task && drive.state === "waiting" && (
        <Button size="sm" tone="primary" onClick={() => setOpen("continue")}>
          <HardDrive aria-hidden />
          Next drive…
        </Button>
      )}
      {!ended && (
        <Button size="sm" tone="danger-quiet" onClick={() => setOpen("abandon")}>
          <Ban aria-hidden />
          Give up…
        </Button>
      )}
      {open === "continue" && <ContinueDrive drive={drive} onClose={close} />}
      <AbandonDrive drive={drive} open={open === "abandon"} onClose={close} />
    </div>
  );
}

function AbandonDrive({ drive, open, onClose }: { drive: SeedDriveSummary; open: boolean; onClose: () => void }) {
  const abandon = useAction({
    run: () => callAdmin(adminContract.abandonSeedDrive, { id: drive.id }),
    touches,
    done: () => `${drive.name} was given up`,
    onDone: onClose,
  });
  return (
    <Confirm
      open={open}
      onOpenChange={(next) => !next && onClose()}
      title={`Give up ${drive.name}`}
      action="Give it up"
      pending={abandon.isPending}
      onConfirm={() => abandon.mutate(undefined)}
    >
      {drive.side === "source" ? (
        <>
          <p>
            This core writes no more to the drive and no longer waits for {drive.pairing.peerName} to consume it.
            Replication sends everything that the target lacks over the line.
          </p>
          <p className="text-muted">
            Not touched: the files on the drive. They hold recovery points: erase the drive yourself. If somebody
            consumes it all the same, nothing goes wrong.
          </p>
        </>
      ) : (
        <>
          <p>This core takes nothing more from the drive. Points that still lack records are left to replication.</p>
          <p className="text-muted">
            Not touched: recovery points and records that were taken over, and the files on the drive. Consuming it
            again takes it up again.
          </p>
        </>
      )}
    </Confirm>
  );
}
