"use client";

import { type FormEvent, useState } from "react";
import { useAction } from "@/components/feedback/use-action";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Field, Input } from "@/components/ui/field";
import { Notice } from "@/components/ui/notice";
import { callAdmin } from "@/lib/admin/call";
import { adminContract } from "@/lib/admin/contract";
import type { ConsumeSeedDriveInput } from "@/lib/engine/seed-drives/schemas";
import { FolderField, folderFault } from "./folder-field";
import { touches } from "./words";

/** Takes over what a drive carries. Its signature and passphrase are checked before the dialog closes. */
export function ConsumeDrive({ onClose }: { onClose: () => void }) {
  const [wrong, setWrong] = useState<string>();
  const consume = useAction({
    run: (input: ConsumeSeedDriveInput) => callAdmin(adminContract.consumeSeedDrive, input),
    touches,
    done: (drive) => `${drive.name} is being taken over`,
    onDone: onClose,
    quiet: true,
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const folder = String(form.get("folder")).trim();
    const passphrase = String(form.get("passphrase"));
    setWrong(folderFault(folder));
    if (!folderFault(folder)) consume.mutate({ folder, ...(passphrase ? { passphrase } : {}) });
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title="Consume a seed drive"
      description="Only drives that a core paired with this one has signed are taken. What is here already is skipped; what is damaged is named and left out."
    >
      <form onSubmit={submit} noValidate className="grid gap-4">
        <FolderField hint="Where the drive is mounted on the machine of this core." error={wrong} />
        <Field label="Passphrase" hint="Only for an encrypted drive: the one that was chosen when it was written.">
          {(control) => <Input {...control} name="passphrase" type="password" autoComplete="off" />}
        </Field>
        {consume.error && (
          <Notice kind="danger" live title="Not consumed">
            {consume.error.message}
          </Notice>
        )}
        <Button tone="primary" type="submit" pending={consume.isPending} className="justify-self-end">
          Check and consume
        </Button>
      </form>
    </Dialog>
  );
}
