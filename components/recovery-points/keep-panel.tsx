"use client";

import { Lock, LockOpen, Pencil } from "lucide-react";
import { type FormEvent, useState } from "react";
import { useAction } from "@/components/feedback/use-action";
import { useMay } from "@/components/shell/me";
import { Button } from "@/components/ui/button";
import { Field, Input } from "@/components/ui/field";
import { Panel } from "@/components/ui/panel";
import { RelativeTime } from "@/components/ui/relative-time";
import { callAdmin } from "@/lib/admin/call";
import { adminContract } from "@/lib/admin/contract";
import { type RecoveryPointDetail, UpdateRecoveryPointInput } from "@/lib/engine/recovery-points/schemas";
import { DeletePoint } from "./delete-point";

const touches = [["recovery-points"], ["agents"]] as const;

/** A person's words for a recovery point, its lock, and the way to be rid of it. */
export function KeepPanel({ point }: { point: RecoveryPointDetail }) {
  const may = useMay();
  const [editing, setEditing] = useState(false);
  const mine = point.ledBy === null && may(adminContract.updateRecoveryPoint);
  return (
    <Panel
      title="Label and lock"
      note={point.ledBy !== null && `those of ${point.ledBy}`}
      actions={
        mine &&
        !editing && (
          <Button size="sm" onClick={() => setEditing(true)}>
            <Pencil aria-hidden />
            Label
          </Button>
        )
      }
    >
      <div className="grid gap-3 text-sm">
        {editing ? (
          <LabelForm point={point} onClose={() => setEditing(false)} />
        ) : (
          <p className={point.label ? "break-words font-medium" : "text-muted"}>{point.label || "No label."}</p>
        )}
        <p className="text-muted">
          {point.locked ? "Locked: nobody deletes it before it is unlocked." : "Not locked: it may be deleted."}
        </p>
        {point.deletedOnSourceAt !== null && (
          <p className="text-muted">
            The source deleted its copy; heard <RelativeTime at={point.deletedOnSourceAt} />. This one stays until it is
            deleted here.
          </p>
        )}
        <div className="flex flex-wrap gap-2">
          {mine && <LockButton point={point} />}
          {point.ledBy === null && !point.locked && <DeletePoint point={point} />}
        </div>
      </div>
    </Panel>
  );
}

function LockButton({ point }: { point: RecoveryPointDetail }) {
  const Icon = point.locked ? LockOpen : Lock;
  const update = useAction({
    run: () => callAdmin(adminContract.updateRecoveryPoint, { id: point.id, locked: !point.locked }),
    touches,
    done: (now) => (now.locked ? "The recovery point is locked" : "The recovery point is not locked any more"),
  });
  return (
    <Button pending={update.isPending} onClick={() => update.mutate(undefined)}>
      {!update.isPending && <Icon aria-hidden />}
      {point.locked ? "Unlock" : "Lock"}
    </Button>
  );
}

function LabelForm({ point, onClose }: { point: RecoveryPointDetail; onClose: () => void }) {
  const [label, setLabel] = useState(point.label);
  const [wrong, setWrong] = useState<string>();
  const update = useAction({
    run: (input: UpdateRecoveryPointInput) => callAdmin(adminContract.updateRecoveryPoint, input),
    touches,
    done: () => "The label is saved",
    onDone: onClose,
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const input = UpdateRecoveryPointInput.safeParse({ id: point.id, label });
    setWrong(input.error?.issues[0]?.message);
    if (input.success) update.mutate(input.data);
  };
  return (
    <form
      onSubmit={submit}
      noValidate
      className="grid gap-3"
      onKeyDown={(event) => event.key === "Escape" && onClose()}
    >
      <Field label="Label" hint="Targets hear of it by themselves." error={wrong}>
        {(control) => <Input {...control} autoFocus value={label} onChange={(event) => setLabel(event.target.value)} />}
      </Field>
      <div className="flex flex-wrap justify-end gap-2">
        <Button onClick={onClose}>Cancel</Button>
        <Button tone="primary" type="submit" pending={update.isPending}>
          Save
        </Button>
      </div>
    </form>
  );
}
