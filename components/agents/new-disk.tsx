"use client";

import { HardDrive } from "lucide-react";
import { type FormEvent, useState } from "react";
import { useAction } from "@/components/feedback/use-action";
import { useMay } from "@/components/shell/me";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Field, Input } from "@/components/ui/field";
import { Notice } from "@/components/ui/notice";
import { SizeInput } from "@/components/ui/size-input";
import { callAdmin } from "@/lib/admin/call";
import { adminContract } from "@/lib/admin/contract";
import type { AgentDetail } from "@/lib/engine/agents/schemas";
import { CreateManagedVolumeInput } from "@/lib/engine/managed-volumes/schemas";

const FIRST_BYTES = 1024 ** 3;

/** Adds a disk image that this core keeps itself. */
export function NewDisk({ agent }: { agent: AgentDetail }) {
  const [open, setOpen] = useState(false);
  if (!useMay()(adminContract.createManagedVolume)) return null;
  return (
    <>
      <Button size="sm" onClick={() => setOpen(true)}>
        <HardDrive aria-hidden />
        New disk
      </Button>
      {open && <NewDiskDialog agent={agent} onClose={() => setOpen(false)} />}
    </>
  );
}

function NewDiskDialog({ agent, onClose }: { agent: AgentDetail; onClose: () => void }) {
  const [sizeBytes, setSizeBytes] = useState<number | null>(FIRST_BYTES);
  const [wrong, setWrong] = useState<Readonly<Record<string, string>>>({});
  const create = useAction({
    run: (input: CreateManagedVolumeInput) => callAdmin(adminContract.createManagedVolume, input),
    touches: [["agents"]],
    done: (volume) => `The disk ${volume.name} is made`,
    onDone: onClose,
    quiet: true,
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const name = new FormData(event.currentTarget).get("name");
    const input = CreateManagedVolumeInput.safeParse({ agentId: agent.id, name, sizeBytes });
    setWrong(Object.fromEntries(input.error?.issues.map((issue) => [String(issue.path[0]), issue.message]) ?? []));
    if (input.success) create.mutate(input.data);
  };
  return (
    <Dialog
      open
      onOpenChange={(next) => !next && onClose()}
      title={`New disk of ${agent.name}`}
      description="An empty disk image below this core's home. After a failover the other core keeps it the same way."
    >
      <form onSubmit={submit} noValidate className="grid gap-4">
        <Field label="Name" error={wrong.name && "Give the disk a name of at most 120 characters."}>
          {(control) => <Input {...control} name="name" autoComplete="off" placeholder="data" />}
        </Field>
        <SizeInput
          label="Size"
          hint={wrong.sizeBytes ? "Give a size, at most 256 TiB." : "Only what is written to it takes room."}
          value={sizeBytes}
          onChange={setSizeBytes}
          units={["GiB", "MiB", "TiB"]}
        />
        {create.error && (
          <Notice kind="danger" live title="Not made">
            {create.error.message}
          </Notice>
        )}
        <Button tone="primary" type="submit" pending={create.isPending} className="justify-self-end">
          Make the disk
        </Button>
      </form>
    </Dialog>
  );
}
