"use client";

import { Trash2 } from "lucide-react";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { useAction } from "@/components/feedback/use-action";
import { useMay } from "@/components/shell/me";
import { Button } from "@/components/ui/button";
import { Confirm } from "@/components/ui/confirm";
import { callAdmin } from "@/lib/admin/call";
import { adminContract } from "@/lib/admin/contract";
import type { RecoveryPointDetail } from "@/lib/engine/recovery-points/schemas";
import { formatAbsolute } from "@/lib/format";

/** Deletes a recovery point of this core, after the name of its agent has been typed. */
export function DeletePoint({ point }: { point: RecoveryPointDetail }) {
  const [open, setOpen] = useState(false);
  const may = useMay();
  const router = useRouter();
  const removal = useAction({
    run: () => callAdmin(adminContract.deleteRecoveryPoint, { id: point.id }),
    touches: [["recovery-points", "list"], ["agents"], ["repositories"], ["overview"]],
    done: () => `The recovery point of ${formatAbsolute(new Date(point.createdAt))} is deleted`,
    onWaiting: () => setOpen(false),
    // This page is about nothing any more.
    onDone: () => router.push(`/agents/${point.agentId}`),
  });
  if (!may(adminContract.deleteRecoveryPoint)) return null;
  return (
    <>
      <Button tone="danger-quiet" onClick={() => setOpen(true)}>
        <Trash2 aria-hidden />
        Delete…
      </Button>
      <Confirm
        open={open}
        onOpenChange={setOpen}
        title="Delete this recovery point"
        action="Delete recovery point"
        typed={point.agentName}
        pending={removal.isPending}
        onConfirm={() => removal.mutate(undefined)}
      >
        <p>{`${point.agentName} can no longer be brought back on this core to how it was then. This cannot be undone.`}</p>
        <p className="text-muted">
          Not touched: its other recovery points, and copies on other cores. Targets are told that this one is gone
          here; what becomes of theirs is decided there.
        </p>
      </Confirm>
    </>
  );
}
