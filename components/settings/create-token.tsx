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
import { CreateApiTokenInput } from "@/lib/engine/accounts/schemas";

const LIVES = [
  { value: "30", label: "30 days" },
  { value: "90", label: "90 days" },
  { value: "365", label: "A year" },
  { value: "", label: "Never expires" },
] as const;

/** Makes a token and shows it: once, here, and never again. */
export function CreateToken({ onClose }: { onClose: () => void }) {
  const [wrong, setWrong] = useState<string>();
  const create = useAction({
    run: (input: CreateApiTokenInput) => callAdmin(adminContract.createApiToken, input),
    touches: [["tokens"]],
    quiet: true,
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = Object.fromEntries(new FormData(event.currentTarget));
    const expiresInDays = form.life === "" ? null : Number(form.life);
    const input = CreateApiTokenInput.safeParse({ name: form.name, expiresInDays });
    setWrong(input.success ? undefined : "Give the token a name, so that you know later what uses it.");
    if (input.success) create.mutate(input.data);
  };
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()} title="New API token">
      {create.data ? (
        <div className="grid gap-4">
          <Notice kind="ok" live title={`${create.data.name} is made`}>
            Copy it now: it is shown this once only. This core keeps nothing that could show it again.
          </Notice>
          <CodeLine label="the token">{create.data.token}</CodeLine>
          <Button tone="primary" className="justify-self-end" onClick={onClose}>
            Done
          </Button>
        </div>
      ) : (
        <form onSubmit={submit} noValidate className="grid gap-4">
          <Field label="Name" error={wrong}>
            {(control) => <Input {...control} name="name" autoComplete="off" placeholder="nightly pg_dump" />}
          </Field>
          <Field label="Expires after">
            {(control) => (
              <Select {...control} name="life" defaultValue="90">
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
            Make the token
          </Button>
        </form>
      )}
    </Dialog>
  );
}
