"use client";

import { type FormEvent, useState } from "react";
import { useAction } from "@/components/feedback/use-action";
import { useMay } from "@/components/shell/me";
import { Button } from "@/components/ui/button";
import { SizeInput } from "@/components/ui/size-input";
import { callAdmin } from "@/lib/admin/call";
import { adminContract } from "@/lib/admin/contract";
import { formatRate } from "@/lib/format";

interface RateCapFormProps {
  pairingId: string;
  capBytesPerSecond: number | null;
}

/** Most bytes per second of one peer, all its sessions together. In force at once. */
export function RateCapForm({ pairingId, capBytesPerSecond }: RateCapFormProps) {
  const may = useMay();
  // Somebody else may change it meanwhile: the form starts anew from what is in force.
  return may(adminContract.updatePairing) ? (
    <EditableCap key={String(capBytesPerSecond)} pairingId={pairingId} capBytesPerSecond={capBytesPerSecond} />
  ) : (
    <p className="text-sm">{capBytesPerSecond ? formatRate(capBytesPerSecond) : "No limit"}</p>
  );
}

function EditableCap({ pairingId, capBytesPerSecond }: RateCapFormProps) {
  const [cap, setCap] = useState(capBytesPerSecond);
  const update = useAction({
    run: () => callAdmin(adminContract.updatePairing, { id: pairingId, rateCapBytesPerSecond: cap }),
    touches: [["pairings"], ["sessions"]],
    done: (pairing) =>
      pairing.rateCapBytesPerSecond
        ? `Capped at ${formatRate(pairing.rateCapBytesPerSecond)} from now on`
        : "No rate cap any more",
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    update.mutate(undefined);
  };
  return (
    <form onSubmit={submit} className="grid gap-2">
      <SizeInput
        label="Bytes per second on the wire"
        hint="Of all sessions with this peer together. In force at once, also for a run that goes on."
        value={cap}
        onChange={setCap}
        units={["MiB", "KiB", "GiB"]}
        per="/s"
      />
      <Button
        type="submit"
        pending={update.isPending}
        className="justify-self-start"
        disabled={cap === capBytesPerSecond}
      >
        Save
      </Button>
    </form>
  );
}
