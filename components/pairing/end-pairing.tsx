"use client";

import { Unplug } from "lucide-react";
import { useState } from "react";
import { useAction } from "@/components/feedback/use-action";
import { useMay } from "@/components/shell/me";
import { Button } from "@/components/ui/button";
import { Confirm } from "@/components/ui/confirm";
import { callAdmin } from "@/lib/admin/call";
import { adminContract } from "@/lib/admin/contract";
import type { PairingSummary } from "@/lib/engine/pairing/schemas";
import { touches } from "./words";

/** Ends the trust between two cores, after the name has been typed. */
export function EndPairing({ pairing }: { pairing: PairingSummary }) {
  const [open, setOpen] = useState(false);
  const may = useMay();
  const name = pairing.peerName || pairing.peerUrl || "this peer";
  const end = useAction({
    run: () => callAdmin(adminContract.deletePairing, { id: pairing.id }),
    touches,
    done: () => `The pairing with ${name} has ended`,
    onDone: () => setOpen(false),
  });
  if (!may(adminContract.deletePairing)) return null;
  return (
    <>
      <Button tone="danger-quiet" onClick={() => setOpen(true)}>
        <Unplug aria-hidden />
        End pairing…
      </Button>
      <Confirm
        open={open}
        onOpenChange={setOpen}
        title={`End the pairing with ${name}`}
        action="End pairing"
        typed={name}
        pending={end.isPending}
        onConfirm={() => end.mutate(undefined)}
      >
        <p>
          From the next request on, neither core takes anything from the other. Runs that go on stop, and every session
          of this pairing ends.
        </p>
        <p className="text-muted">
          Not touched: recovery points and repositories, on both sides. To replicate again, a new request has to be sent
          and approved.
        </p>
      </Confirm>
    </>
  );
}
