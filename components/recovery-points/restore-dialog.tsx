"use client";

import { type FormEvent, useState } from "react";
import { useAction } from "@/components/feedback/use-action";
import { titleOf } from "@/components/tasks/words";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Field, Input } from "@/components/ui/field";
import { Notice } from "@/components/ui/notice";
import { callAdmin } from "@/lib/admin/call";
import { adminContract } from "@/lib/admin/contract";
import { RestoreInput, type VolumeImageSummary } from "@/lib/engine/recovery-points/schemas";
import { formatBytes, formatCount } from "@/lib/format";

interface RestoreDialogProps {
  recoveryPointId: string;
  image: VolumeImageSummary;
  onClose: () => void;
}

/** Where to put an image on the machine of this core. */
export function RestoreDialog({ recoveryPointId, image, onClose }: RestoreDialogProps) {
  const [destination, setDestination] = useState("");
  const [wrong, setWrong] = useState<string>();
  const folder = image.kind === "folder";
  const restore = useAction({
    run: (input: RestoreInput) => callAdmin(adminContract.startRestore, input),
    touches: [["tasks"], ["overview"]],
    done: (task, input) => `${titleOf(task)} to ${input.destination} has begun`,
    onDone: onClose,
    quiet: true,
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const input = RestoreInput.safeParse({ recoveryPointId, imageId: image.id, destination: destination.trim() });
    const absolute = destination.trim().startsWith("/");
    setWrong(absolute && input.success ? undefined : "Give an absolute path on this core's machine.");
    if (absolute && input.success) restore.mutate(input.data);
  };
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()} title={`Restore ${image.volumeName}`}>
      <form onSubmit={submit} noValidate className="grid gap-4">
        <Field
          label={folder ? "Into the folder" : "Into the file"}
          hint={folder ? "It must be empty, or not exist yet." : "It must not exist yet."}
          error={wrong}
        >
          {(control) => (
            <Input
              {...control}
              className="font-mono"
              spellCheck={false}
              autoComplete="off"
              placeholder={folder ? "/srv/restored" : "/srv/restored.img"}
              value={destination}
              onChange={(event) => setDestination(event.target.value)}
            />
          )}
        </Field>
        <p className="text-muted text-sm">
          {folder
            ? `Writes ${formatCount(image.entryCount)} entries, ${formatBytes(image.sizeBytes)}, with their names, modes, owners, times and links. Nothing outside that folder is touched.`
            : `Writes ${formatBytes(image.sizeBytes)}; holes stay holes. Nothing else is touched.`}
        </p>
        {restore.error && (
          <Notice kind="danger" live title="Not started">
            {restore.error.message}
          </Notice>
        )}
        <Button tone="primary" type="submit" pending={restore.isPending} className="justify-self-end">
          Restore
        </Button>
      </form>
    </Dialog>
  );
}
