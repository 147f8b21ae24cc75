"use client";

import { type FormEvent, useState } from "react";
import { useAction } from "@/components/feedback/use-action";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Field, Textarea } from "@/components/ui/field";
import { callAdmin } from "@/lib/admin/call";
import { adminContract } from "@/lib/admin/contract";
import type { TwoPersonRequest } from "@/lib/engine/protection/schemas";
import { touches } from "./queries";

/** Whoever asked tells the second person why. */
export function ReasonForm({ request }: { request: TwoPersonRequest }) {
  const [open, setOpen] = useState(false);
  const explain = useAction({
    run: (reason: string) => callAdmin(adminContract.explainTwoPersonRequest, { id: request.id, reason }),
    touches,
    done: () => "Your reason stands beside the request",
    onDone: () => setOpen(false),
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    explain.mutate(String(new FormData(event.currentTarget).get("reason") ?? "").trim());
  };
  return (
    <>
      <Button onClick={() => setOpen(true)}>{request.reason ? "Change the reason…" : "Say why…"}</Button>
      <Dialog open={open} onOpenChange={setOpen} title="Why do you ask?" description={request.title}>
        <form onSubmit={submit} noValidate className="grid gap-4">
          <Field label="Reason" hint="Whoever is to agree reads it.">
            {(control) => <Textarea {...control} name="reason" maxLength={1000} defaultValue={request.reason} />}
          </Field>
          <Button tone="primary" type="submit" pending={explain.isPending} className="justify-self-end">
            Save the reason
          </Button>
        </form>
      </Dialog>
    </>
  );
}
