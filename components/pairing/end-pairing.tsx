"use client";

import { Unplug } from "lucide-react";
import { useState } from "react";
import { useAction } from "@/components/feedback/use-action";
import { useMay } from "@/components/shell/me";
import { Button } from "@/components/ui/button";
import { Confirm } from "@/components/ui/confirm";
import { Notice } from "@/components/ui/notice";
import { callAdmin } from "@/lib/admin/call";
import { adminContract } from "@/lib/admin/contract";
import type { PairingSummary } from "@/lib/engine/pairing/schemas";
import { touches } from "./words";

/** Ends the trust between two cores, after the name has been typed. */
export function EndPairing({ pairing }: { pairing: PairingSummary }) {
  const [open, setOpen] = useState(false);
  const [withPoints, setWithPoints] = useState(false);
  const may = useMay();
  const name = pairing.peerName || pairing.peerUrl || "this peer";
  const end = useAction({
    run: () => callAdmin(adminContract.deletePairing, { id: pairing.id, deleteRecoveryPoints: withPoints }),
    touches,
    done: () => `The pairing with ${name} has ended`,
    onDone: () => setOpen(false),
    onWaiting: () => setOpen(false),
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
        action={withPoints ? "End pairing and delete recovery points" : "End pairing"}
        typed={name}
        pending={end.isPending}
        onConfirm={() => end.mutate(undefined)}
      >
        <p>
          From the next request on, neither core takes anything from the other. Runs that go on stop, and every session
          of this pairing ends.
        </p>
        <PointsChoice isSource={pairing.side === "source"} withPoints={withPoints} onChange={setWithPoints} />
      </Confirm>
    </>
  );
}

interface PointsChoiceProps {
  isSource: boolean;
  withPoints: boolean;
  onChange: (withPoints: boolean) => void;
}

/** What was replicated lies on the target, whoever ends the pairing; what the source captured itself is never in question. */
function PointsChoice({ isSource, withPoints, onChange }: PointsChoiceProps) {
  const where = isSource ? "on the other core" : "on this core";
  const choices = [
    {
      value: false,
      label: `Keep the recovery points ${where}`,
      note: `They can be restored ${isSource ? "there" : "here"} as before.`,
    },
    { value: true, label: `Delete the recovery points ${where}`, note: "All of this pairing but locked ones." },
  ];
  return (
    <fieldset className="grid gap-2">
      <legend className="mb-1 font-medium">What was replicated</legend>
      {choices.map(({ value, label, note }) => (
        <label key={label} className="flex cursor-pointer items-start gap-2">
          <input
            type="radio"
            name="points"
            className="mt-0.5 size-4 shrink-0 accent-petrol"
            checked={withPoints === value}
            onChange={() => onChange(value)}
          />
          <span className="min-w-0">
            {label}
            <span className="block text-muted text-xs">{note}</span>
          </span>
        </label>
      ))}
      {withPoints && (
        <Notice kind="danger" live title="This cannot be taken back">
          {isSource
            ? "The other core deletes every copy that this pairing brought. What this core captured itself stays."
            : "Every copy that this pairing brought here is deleted. The source keeps what it captured itself."}
        </Notice>
      )}
    </fieldset>
  );
}
