"use client";

import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { QueryView } from "@/components/feedback/query-view";
import { useAction } from "@/components/feedback/use-action";
import { Button } from "@/components/ui/button";
import { Field, Input } from "@/components/ui/field";
import { Notice } from "@/components/ui/notice";
import { Panel } from "@/components/ui/panel";
import { callAdmin } from "@/lib/admin/call";
import { adminContract } from "@/lib/admin/contract";
import { ChangePasswordInput } from "@/lib/engine/accounts/schemas";
import { secondFactorQuery } from "./queries";

/** One's own password. */
export function PasswordPanel() {
  return (
    <Panel title="Password">
      <QueryView query={useQuery(secondFactorQuery())} what="your password">
        {({ hasPassword }) =>
          hasPassword ? (
            <PasswordForm />
          ) : (
            <p className="text-sm">You sign in by single sign-on; there is no password.</p>
          )
        }
      </QueryView>
    </Panel>
  );
}

function PasswordForm() {
  const [wrong, setWrong] = useState<{ newPassword?: string; again?: string }>({});
  const change = useAction({
    run: (input: ChangePasswordInput) => callAdmin(adminContract.changePassword, input),
    touches: [["sign-ins"]],
    done: () => "Your password is changed, and your other sign-ins have ended",
    quiet: true,
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const element = event.currentTarget;
    const form = Object.fromEntries(new FormData(element));
    const input = ChangePasswordInput.safeParse(form);
    const issue = input.error?.issues.find(({ path }) => path[0] === "newPassword");
    const again = form.newPassword === form.again ? undefined : "The two passwords differ.";
    setWrong({ newPassword: issue?.message, again });
    if (input.success && !again) change.mutate(input.data, { onSuccess: () => element.reset() });
  };
  return (
    <form onSubmit={submit} className="grid gap-4">
      <Field label="Old password">
        {(control) => (
          <Input {...control} name="oldPassword" type="password" autoComplete="current-password" required />
        )}
      </Field>
      <Field
        label="New password"
        hint="At least 12 characters; a few words are easy to keep."
        error={wrong.newPassword}
      >
        {(control) => <Input {...control} name="newPassword" type="password" autoComplete="new-password" required />}
      </Field>
      <Field label="The new one again" error={wrong.again}>
        {(control) => <Input {...control} name="again" type="password" autoComplete="new-password" required />}
      </Field>
      {change.error && (
        <Notice kind="danger" live>
          {change.error.message}
        </Notice>
      )}
      <Button type="submit" pending={change.isPending} className="justify-self-end">
        Change password
      </Button>
    </form>
  );
}
