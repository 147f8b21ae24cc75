"use client";

import { type FormEvent, useState } from "react";
import { useAction } from "@/components/feedback/use-action";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Notice } from "@/components/ui/notice";
import { callAdmin } from "@/lib/admin/call";
import { adminContract } from "@/lib/admin/contract";
import type { SeedDriveSummary } from "@/lib/engine/seed-drives/schemas";
import { FolderField, folderFault } from "./folder-field";
import { touches } from "./words";

/** Names the folder of the next drive. */
export function ContinueDrive({ drive, onClose }: { drive: SeedDriveSummary; onClose: () => void }) {
  const [wrong, setWrong] = useState<string>();
  const goOn = useAction({
    run: (folder: string) => callAdmin(adminContract.continueSeedDrive, { id: drive.id, folder }),
    touches,
    done: () => `${drive.name} goes on`,
    onDone: onClose,
    quiet: true,
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const folder = String(new FormData(event.currentTarget).get("folder")).trim();
    setWrong(folderFault(folder));
    if (!folderFault(folder)) goOn.mutate(folder);
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title="Next drive"
      description={`${drive.folders.length} of this seed drive ${drive.folders.length === 1 ? "is" : "are"} written. Each can be consumed by itself, in any order.`}
    >
      <form onSubmit={submit} noValidate className="grid gap-4">
        <FolderField hint="Where the next drive is mounted." error={wrong} />
        {goOn.error && (
          <Notice kind="danger" live title="Not continued">
            {goOn.error.message}
          </Notice>
        )}
        <Button tone="primary" type="submit" pending={goOn.isPending} className="justify-self-end">
          Continue
        </Button>
      </form>
    </Dialog>
  );
}
