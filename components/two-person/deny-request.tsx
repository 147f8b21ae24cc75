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

/** Says no, and why: whoever asked reads it. */
export function DenyRequest({ request, onClose }: { request: TwoPersonRequest; onClose: () => void }) {
  const [error, setError] = useState<string>();
  const deny = useAction({
    run: (message: string) => callAdmin(adminContract.denyTwoPersonRequest, { id: request.id, message }),
    touches,
    done: () => "The request is denied",
    onDone: onClose,
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const message = String(new FormData(event.currentTarget).get("message") ?? "").trim();
    if (message === "") return setError("Say why: whoever asked reads it.");
    deny.mutate(message);
  };
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()} title="Deny this" description={request.title}>
      <form onSubmit={submit} noValidate className="grid gap-4">
        <Field label="Message" hint={`${request.requestedBy.name} reads it.`} error={error}>
          {(control) => <Textarea {...control} name="message" maxLength={1000} />}
        </Field>
        <div className="flex flex-wrap justify-end gap-2">
          <Button type="button" onClick={onClose}>
            Back
          </Button>
          <Button tone="danger" type="submit" pending={deny.isPending}>
            Deny
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
