"use client";

import { KeyRound } from "lucide-react";
import { type FormEvent, useState } from "react";
import { useAction } from "@/components/feedback/use-action";
import { useMe } from "@/components/shell/me";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Field, Input } from "@/components/ui/field";
import { Notice } from "@/components/ui/notice";
import { Panel } from "@/components/ui/panel";
import { API_PREFIX, toApiError, withProof } from "@/lib/admin/call";
import { ExportKeysInput } from "@/lib/engine/keys/schemas";

/** Takes this core's private keys out of it, for the day on which its machine is lost. */
export function KeyFilePanel() {
  const [open, setOpen] = useState(false);
  const { role, tenantIds } = useMe();
  if (role !== "administrator" || tenantIds !== null) return null;
  return (
    <Panel title="Key file" note="for the day on which this machine is lost">
      <div className="flex flex-wrap items-center gap-3">
        <p className="min-w-0 flex-1 basis-64 text-muted text-sm">
          Private keys lie in the database, sealed under a key of this machine. With this file, its passphrase and the
          database the core comes back elsewhere, and nothing has to be paired anew.
        </p>
        <Button onClick={() => setOpen(true)}>
          <KeyRound aria-hidden />
          Export the keys…
        </Button>
      </div>
      {open && <ExportDialog onClose={() => setOpen(false)} />}
    </Panel>
  );
}

type Wrong = Partial<Record<"passphrase" | "repeated", string>>;

function ExportDialog({ onClose }: { onClose: () => void }) {
  const [wrong, setWrong] = useState<Wrong>({});
  const save = useAction({
    run: download,
    touches: [],
    done: () => "The key file is saved. Keep it and its passphrase apart.",
    onDone: onClose,
    onWaiting: onClose,
    quiet: true,
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const parsed = ExportKeysInput.safeParse({ passphrase: String(form.get("passphrase") ?? "") });
    const same = form.get("passphrase") === form.get("repeated");
    setWrong({
      ...(parsed.success ? {} : { passphrase: "A passphrase has at least 15 characters." }),
      ...(same ? {} : { repeated: "The two are not the same." }),
    });
    if (parsed.success && same) save.mutate(parsed.data);
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title="Export the keys"
      description="Whoever has this file and its passphrase can be this core. Keep both apart, and off this machine."
    >
      <form onSubmit={submit} noValidate className="grid gap-4">
        <Field
          label="Passphrase"
          hint="At least 15 characters. It is kept nowhere: write it down."
          error={wrong.passphrase}
        >
          {(control) => <Input {...control} name="passphrase" type="password" autoComplete="new-password" />}
        </Field>
        <Field label="Passphrase again" error={wrong.repeated}>
          {(control) => <Input {...control} name="repeated" type="password" autoComplete="new-password" />}
        </Field>
        {save.error && (
          <Notice kind="danger" live title="Not exported">
            {save.error.message}
          </Notice>
        )}
        <Button tone="primary" type="submit" pending={save.isPending} className="justify-self-end">
          Export
        </Button>
      </form>
    </Dialog>
  );
}

/** By POST, so that the passphrase is in no address; then handed to the browser as a file. */
function download(input: ExportKeysInput): Promise<void> {
  return withProof(async () => {
    const response = await fetch(`${API_PREFIX}/core/keys/export`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(input),
      credentials: "same-origin",
    });
    if (!response.ok) throw await toApiError(response);
    const named = /filename\*=UTF-8''(\S+)/.exec(response.headers.get("content-disposition") ?? "")?.[1];
    const link = document.createElement("a");
    link.href = URL.createObjectURL(await response.blob());
    link.download = decodeURIComponent(named ?? "twincore-keys.age");
    link.click();
    URL.revokeObjectURL(link.href);
  });
}
