"use client";

import { useState } from "react";
import { useAction } from "@/components/feedback/use-action";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Field, Textarea } from "@/components/ui/field";
import { Notice } from "@/components/ui/notice";
import { callAdmin } from "@/lib/admin/call";
import { adminContract } from "@/lib/admin/contract";
import { DenyPairingInput, type PairingSummary } from "@/lib/engine/pairing/schemas";
import { touches } from "./words";

interface DenyDialogProps {
  request: PairingSummary;
  open: boolean;
  onOpenChange: (open: boolean) => void;
}

/** A denial says why: the message is what the other side gets to read. */
export function DenyDialog({ request, open, onOpenChange }: DenyDialogProps) {
  const [message, setMessage] = useState("");
  const [asked, setAsked] = useState(false);
  const input = DenyPairingInput.safeParse({ id: request.id, message });
  const deny = useAction({
    run: (denial: DenyPairingInput) => callAdmin(adminContract.denyPairing, denial),
    touches,
    done: () => `${request.peerName} was denied and is told why`,
    onDone: () => onOpenChange(false),
    quiet: true,
  });
  const submit = () => {
    setAsked(true);
    if (input.success) deny.mutate(input.data);
  };
  const footer = (
    <div className="flex flex-wrap justify-end gap-2">
      <Button onClick={() => onOpenChange(false)}>Cancel</Button>
      <Button tone="danger" pending={deny.isPending} onClick={submit}>
        Deny
      </Button>
    </div>
  );
  return (
    <Dialog open={open} onOpenChange={onOpenChange} title={`Deny ${request.peerName}`} footer={footer}>
      <div className="grid gap-3">
        <Field
          label="Why"
          hint="The other side reads this word for word."
          error={asked && !input.success ? "Say why, in at most 1,000 characters." : undefined}
        >
          {(control) => <Textarea {...control} value={message} onChange={(event) => setMessage(event.target.value)} />}
        </Field>
        <p className="text-muted text-sm">Nothing of theirs is stored. They may ask again with a new request.</p>
        {deny.error && (
          <Notice kind="danger" live title="Not denied">
            {deny.error.message}
          </Notice>
        )}
      </div>
    </Dialog>
  );
}
