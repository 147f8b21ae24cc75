"use client";

import { type FormEvent, useState } from "react";
import { useAction } from "@/components/feedback/use-action";
import { Button } from "@/components/ui/button";
import { CodeLine } from "@/components/ui/copy";
import { Dialog } from "@/components/ui/dialog";
import { Field, Input, Select } from "@/components/ui/field";
import { Notice } from "@/components/ui/notice";
import { callAdmin } from "@/lib/admin/call";
import { adminContract } from "@/lib/admin/contract";
import { CreateAccessKeyInput } from "@/lib/engine/access-keys/schemas";

const LIVES = [
  { value: "90", label: "90 days" },
  { value: "365", label: "A year" },
  { value: "", label: "Never expires" },
] as const;

/** Makes an access key and shows its secret: once, here, and never again. */
export function CreateAccessKey({ onClose }: { onClose: () => void }) {
  const [wrong, setWrong] = useState<string>();
  const create = useAction({
    run: (input: CreateAccessKeyInput) => callAdmin(adminContract.createAccessKey, input),
    touches: [["access-keys"]],
    quiet: true,
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = Object.fromEntries(new FormData(event.currentTarget));
    const expiresInDays = form.life === "" ? null : Number(form.life);
    const input = CreateAccessKeyInput.safeParse({ name: form.name, expiresInDays });
    setWrong(input.success ? undefined : "Give the key a name, so that you know later what uses it.");
    if (input.success) create.mutate(input.data);
  };
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()} title="New access key">
      {create.data ? (
        <div className="grid gap-4">
          <Notice kind="ok" live title={`${create.data.name} is made`}>
            Copy the secret now: it is shown this once only.
          </Notice>
          <div className="grid gap-1 text-sm">
            <p className="font-medium">Access key</p>
            <CodeLine label="the access key">{create.data.id}</CodeLine>
          </div>
          <div className="grid gap-1 text-sm">
            <p className="font-medium">Secret</p>
            <CodeLine label="the secret">{create.data.secret}</CodeLine>
          </div>
          <Button tone="primary" className="justify-self-end" onClick={onClose}>
            Done
          </Button>
        </div>
      ) : (
        <form onSubmit={submit} noValidate className="grid gap-4">
          <Field label="Name" error={wrong}>
            {(control) => <Input {...control} name="name" autoComplete="off" placeholder="terraform in the cloud" />}
          </Field>
          <Field label="Expires after">
            {(control) => (
              <Select {...control} name="life" defaultValue="365">
                {LIVES.map((life) => (
                  <option key={life.value} value={life.value}>
                    {life.label}
                  </option>
                ))}
              </Select>
            )}
          </Field>
          {create.error && (
            <Notice kind="danger" live>
              {create.error.message}
            </Notice>
          )}
          <Button tone="primary" type="submit" pending={create.isPending} className="justify-self-end">
            Make the key
          </Button>
        </form>
      )}
    </Dialog>
  );
}
