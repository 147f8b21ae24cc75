"use client";

import { type FormEvent, useState } from "react";
import { useAction } from "@/components/feedback/use-action";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Field, Input } from "@/components/ui/field";
import { Notice } from "@/components/ui/notice";
import { callAdmin } from "@/lib/admin/call";
import { adminContract } from "@/lib/admin/contract";
import { CreateRepositoryInput } from "@/lib/engine/repositories/schemas";

export function CreateRepository({ onClose }: { onClose: () => void }) {
  const [wrong, setWrong] = useState<{ name?: string; path?: string }>({});
  const create = useAction({
    run: (input: CreateRepositoryInput) => callAdmin(adminContract.createRepository, input),
    touches: [["repositories"], ["overview"]],
    done: (repository) => `${repository.name} is ready`,
    onDone: onClose,
    quiet: true,
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = Object.fromEntries(new FormData(event.currentTarget));
    const input = CreateRepositoryInput.safeParse(form);
    const found: typeof wrong = {};
    if (!String(form.path).startsWith("/")) found.path = "Give an absolute path on this core's machine.";
    for (const issue of input.error?.issues ?? []) if (issue.path[0] === "name") found.name ??= issue.message;
    setWrong(found);
    if (input.success && !found.path) create.mutate(input.data);
  };
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()} title="New repository">
      <form onSubmit={submit} noValidate className="grid gap-4">
        <Field label="Name" error={wrong.name}>
          {(control) => <Input {...control} name="name" autoComplete="off" />}
        </Field>
        <Field
          label="Folder"
          hint="On the machine of this core; it is made when it does not exist. Other nodes of this core must see the same folder."
          error={wrong.path}
        >
          {(control) => (
            <Input
              {...control}
              name="path"
              className="font-mono"
              spellCheck={false}
              autoComplete="off"
              placeholder="/srv/twincore/main"
            />
          )}
        </Field>
        {create.error && (
          <Notice kind="danger" live title="Not made">
            {create.error.message}
          </Notice>
        )}
        <Button tone="primary" type="submit" pending={create.isPending} className="justify-self-end">
          Make the repository
        </Button>
      </form>
    </Dialog>
  );
}
