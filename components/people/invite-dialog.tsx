"use client";

import { UserPlus } from "lucide-react";
import { type FormEvent, useState } from "react";
import { useAction } from "@/components/feedback/use-action";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Field, Input } from "@/components/ui/field";
import { Notice } from "@/components/ui/notice";
import { callAdmin } from "@/lib/admin/call";
import { adminContract } from "@/lib/admin/contract";
import { InviteAccountInput } from "@/lib/engine/accounts/schemas";
import { OneTimeLink } from "./one-time-link";
import { TOUCHES } from "./queries";
import { type Rights, RightsFields } from "./rights-fields";

export function InvitePerson() {
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <Button tone="primary" onClick={() => setOpen(true)}>
        <UserPlus aria-hidden />
        Invite
      </Button>
      {isOpen && <InviteDialog onClose={() => setOpen(false)} />}
    </>
  );
}

function InviteDialog({ onClose }: { onClose: () => void }) {
  const invite = useAction({
    run: (input: InviteAccountInput) => callAdmin(adminContract.inviteAccount, input),
    touches: TOUCHES,
    quiet: true,
  });
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()} title="Invite somebody">
      {invite.data ? (
        <div className="grid gap-4">
          <OneTimeLink email={invite.data.account.email} link={invite.data.link} />
          <Button tone="primary" className="justify-self-end" onClick={onClose}>
            Done
          </Button>
        </div>
      ) : (
        <InviteForm pending={invite.isPending} refusal={invite.error?.message} invite={invite.mutate} />
      )}
    </Dialog>
  );
}

interface InviteFormProps {
  pending: boolean;
  refusal: string | undefined;
  invite: (input: InviteAccountInput) => void;
}

function InviteForm({ pending, refusal, invite }: InviteFormProps) {
  const [rights, setRights] = useState<Rights>({ role: "reader", tenantIds: null });
  const [wrong, setWrong] = useState<Record<string, string>>({});
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = Object.fromEntries(new FormData(event.currentTarget));
    const input = InviteAccountInput.safeParse({ name: form.name, email: form.email, ...rights });
    const issues = input.success ? [] : input.error.issues;
    setWrong(Object.fromEntries(issues.map(({ path, message }) => [String(path[0]), message])));
    if (input.success) invite(input.data);
  };
  return (
    <form onSubmit={submit} noValidate className="grid gap-4">
      <Field label="Name" error={wrong.name}>
        {(control) => <Input {...control} name="name" autoComplete="off" autoFocus />}
      </Field>
      <Field label="E-mail address" error={wrong.email && "That is no e-mail address."}>
        {(control) => <Input {...control} name="email" type="email" autoComplete="off" />}
      </Field>
      <RightsFields value={rights} change={setRights} />
      {refusal && (
        <Notice kind="danger" live>
          {refusal}
        </Notice>
      )}
      <Button tone="primary" type="submit" pending={pending} className="justify-self-end">
        Make the account and its link
      </Button>
    </form>
  );
}
